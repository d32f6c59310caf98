"""`capacity replay`: a file of real occupancies, sent as reports at the pace of its own clock."""

import asyncio
import secrets
import sys
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from capacity.board.clocks import Clock, rfc3339, system_clock
from capacity.commands.mapping import Mapping, read_mapping
from capacity.commands.planning import RUN_BITS, Sending, plan
from capacity.commands.readings import Readings, read_lines
from capacity.commands.service import Command, Service
from capacity.commands.tables import read_table, read_text
from capacity.commands.tally import Tally
from capacity.commands.token import token_for
from capacity.commands.verifying import differences, expected_points, missing
from capacity.errors import FileRefused, ServiceUnreachable
from capacity.wire.reports import MOST_REPORTS

FLAWS_SHOWN = 20
HISTORIES_AT_ONCE = 8
LEDGER_SECONDS = 60.0
LEDGER_GLANCE_SECONDS = 0.25
INTERRUPTED = 130

Advance = Callable[[Sending, int], None]
"""Told the last sending of a batch and how many are answered by now."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line."""

    file: Path
    mapping: Path
    territory: str
    speed: float
    limit: int | None
    url: str
    verify: bool
    encoding: str | None


def run(request: Request) -> None:
    """Replay a file and tell what came back; exits 1 when `--verify` finds a difference, 130 after Ctrl-C."""
    console = Console(highlight=False, soft_wrap=True)
    mapping = read_mapping(request.mapping)
    readings = _read(request, mapping)
    _tell_file(console, readings, mapping)
    tally = Tally()
    started = monotonic()
    try:
        wrong = asyncio.run(_replay(request, readings, tally, console))
    except KeyboardInterrupt:
        _tell_answers(console, tally, monotonic() - started)
        console.print("stopped early: what was answered is kept")
        sys.exit(INTERRUPTED)
    _tell_answers(console, tally, monotonic() - started)
    if wrong is not None:
        _tell_differences(console, wrong)
        sys.exit(1 if wrong else 0)


async def send(
    service: Service,
    sendings: Sequence[Sending],
    tally: Tally,
    *,
    clock: Clock,
    wait: Callable[[float], Awaitable[object]],
    advance: Advance,
) -> None:
    """Send each report once its moment has come, up to 1,000 that are due in one batch.

    What falls behind goes as fast as the service takes it. Nothing is sent before its moment: the service would
    move it to its present (law 3).
    """
    dues = [sending.due_ms for sending in sendings]
    done = 0
    while done < len(sendings):
        now_ms = clock()
        end = bisect_right(dues, now_ms, done, min(done + MOST_REPORTS, len(dues)))
        if end == done:
            await wait((dues[done] - now_ms) / 1000)
            continue
        reports = [sending.report for sending in sendings[done:end]]
        tally.add(reports, await service.report(reports))
        done = end
        advance(sendings[done - 1], done)


async def verify(service: Service, sendings: Sequence[Sending], tally: Tally) -> list[str]:
    """What the ledger and the histories tell otherwise than it was sent; nothing, when all is well."""
    await _recorded(service, tally.last_seq)
    commands = [command async for page in _pages(service, tally) for command in page]
    wrong = missing(sendings, commands)
    expected = expected_points(sendings)
    from_ms, until_ms = sendings[0].due_ms, sendings[-1].due_ms + 1
    line = asyncio.Semaphore(HISTORIES_AT_ONCE)

    async def compare(pool: str) -> list[str]:
        async with line:
            told = await service.history(pool, from_ms, until_ms)
        return [str(difference) for difference in differences(pool, expected[pool], told)]

    for found in await asyncio.gather(*map(compare, expected)):
        wrong += found
    return wrong


def _read(request: Request, mapping: Mapping) -> Readings:
    text = read_text(request.file, request.encoding or mapping.encoding)
    table = read_table(text, request.file.name)
    if request.limit is not None:
        del table.lines[request.limit :]
    readings = read_lines(table, mapping)
    if not readings.good:
        raise FileRefused(*readings.flaws[:FLAWS_SHOWN], f"{request.file}: no line of it can be read")
    return readings


async def _replay(request: Request, readings: Readings, tally: Tally, console: Console) -> list[str] | None:
    async with (
        token_for(request.url, request.territory, "capacity replay") as token,
        Service.open(request.url, request.territory, token=token) as service,
    ):
        await _check_pools(service, request, readings, console)
        ahead_ms = await service.clock_ahead_ms()

        def server_clock() -> int:
            return system_clock() + ahead_ms

        sendings = plan(readings.good, server_clock(), request.speed, secrets.randbits(RUN_BITS))
        console.print(
            f"{len(sendings):,} reports, mapped from {rfc3339(sendings[0].due_ms)} to {rfc3339(sendings[-1].due_ms)}"
        )
        columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}")
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("", total=len(sendings))

            def advance(last: Sending, done: int) -> None:
                progress.update(task, completed=done, description=f"line {last.line:,}")

            await send(service, sendings, tally, clock=server_clock, wait=asyncio.sleep, advance=advance)
        return await verify(service, sendings, tally) if request.verify else None


async def _check_pools(service: Service, request: Request, readings: Readings, console: Console) -> None:
    """Say before anything is sent when the board lacks pools of the file. Raises FileRefused when it lacks all."""
    named = {reading.pool for reading in readings.good}
    lacking = named - await service.pools()
    advice = f"capacity import {request.file} --map {request.mapping} --territory {request.territory}"
    if lacking == named:
        raise FileRefused(f"No pool of {request.file} is on the board of {request.territory}; make them: {advice}")
    if lacking:
        console.print(f"{len(lacking)} pools are not on the board and their reports will be refused; {advice}")


async def _recorded(service: Service, last_seq: int) -> None:
    """Wait until the ledger has a number. Raises ServiceUnreachable when it does not come."""
    try:
        async with asyncio.timeout(LEDGER_SECONDS):
            while True:
                if await service.ledger(max(0, last_seq - 1), 1):
                    return
                await asyncio.sleep(LEDGER_GLANCE_SECONDS)
    except TimeoutError as exc:
        raise ServiceUnreachable(f"The ledger has not reached number {last_seq:,}: is `record` running?") from exc


async def _pages(service: Service, tally: Tally) -> AsyncIterator[list[Command]]:
    after = (tally.first_seq or 1) - 1
    while after < tally.last_seq:
        page = await service.ledger(after)
        if not page:
            return
        yield page
        after = page[-1]["seq"]


def _tell_file(console: Console, readings: Readings, mapping: Mapping) -> None:
    if mapping.about:
        console.print(mapping.about, style="dim")
    lines = len(readings.good) + len(readings.flaws)
    console.print(
        f"{lines:,} lines: {len(readings.good):,} read, {len(readings.flaws):,} refused, "
        f"{readings.repeated():,} repeat a pool and a moment (the later line counts), "
        f"{readings.over_capacity():,} over capacity (a fact, kept)"
    )
    for flaw in readings.flaws[:FLAWS_SHOWN]:
        console.print(f"  {flaw}")
    if len(readings.flaws) > FLAWS_SHOWN:
        console.print(f"  and {len(readings.flaws) - FLAWS_SHOWN:,} more")


def _tell_answers(console: Console, tally: Tally, seconds: float) -> None:
    console.print(tally.table())
    for line in tally.problem_lines():
        console.print(line)
    rate = tally.reports / max(seconds, 0.001)
    console.print(f"{tally.reports:,} reports in {tally.batches:,} posts, {seconds:.1f} s, {rate:,.0f} a second")


def _tell_differences(console: Console, wrong: Sequence[str]) -> None:
    if not wrong:
        console.print("verified: the ledger and the history of every pool give back what was sent")
        return
    console.print(f"{len(wrong):,} differences between what was sent and what is told:")
    for line in wrong[:FLAWS_SHOWN]:
        console.print(f"  {line}")
