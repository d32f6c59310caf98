"""`capacity doctor`: fetches the facts of both stores, has them judged, and shows what is wrong and what to do."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.text import Text

from capacity.board.clocks import system_clock
from capacity.commands.checkup import (
    Finding,
    Verdict,
    bad,
    check_board,
    check_database,
    check_engine,
    check_ledger,
    check_registry,
    check_retention,
    check_stream,
)
from capacity.commands.checkup_copies import check_copies, check_watchers
from capacity.commands.checkup_history import check_history
from capacity.commands.checkup_holds import check_holds
from capacity.commands.stores import Addresses, addresses
from capacity.errors import CapacityError, LedgerUnavailable, StoreUnavailable
from capacity.processes import migrating
from capacity.processes.settings import read_settings
from capacity.services.comparing import Comparing
from capacity.services.forgetting import Forgetting
from capacity.store import functions
from capacity.store.copies import watchers_of
from capacity.store.inspection import LedgerFacts, LiveFacts, inspect_ledger, inspect_live
from capacity.store.ledger import LedgerStore
from capacity.store.live import LiveStore
from capacity.store.live_address import live_address
from capacity.store.lock import RECORDER_LOCK
from capacity.store.postgres import Database
from capacity.store.registry import PoolEntry, RegistryStore
from capacity.store.retention import RetentionStore
from capacity.vocabulary.retention import Data

MARKS = {Verdict.GOOD: ("✓", "green"), Verdict.DOUBTFUL: ("?", "yellow"), Verdict.BAD: ("✗", "bold red")}

GRACE = timedelta(days=2)
"""What is over is taken away once a day."""


def run(data: Path | None, *, as_json: bool) -> int:
    """Show every finding; 1 when something is wrong, else 0."""
    found = addresses(data)
    findings = asyncio.run(examine(found))
    is_well = all(finding.verdict is not Verdict.BAD for finding in findings)
    if as_json:
        shown = [
            {"verdict": each.verdict, "subject": each.subject, "said": each.said, "advice": each.advice}
            for each in findings
        ]
        print(json.dumps({"ok": is_well, "findings": shown}, ensure_ascii=False, indent=2))
    else:
        _show(found, findings)
    return 0 if is_well else 1


async def examine(stores: Addresses) -> list[Finding]:
    """All findings on two stores. A store that is away is a finding, and the other one is looked at all the same.

    The live store is read first: the ledger can only have caught up with it since.
    """
    live = ledger = None
    entries: Sequence[PoolEntry] = ()
    findings: list[Finding] = []
    try:
        findings += check_watchers(await watchers_of(live_address(stores.redis_url)))
        live = await inspect_live(stores.redis_url)
    except StoreUnavailable as exc:
        findings.append(bad("live store", _why(exc), "start it, or correct CAPACITY_REDIS_URL"))
    try:
        ledger = await inspect_ledger(stores.database_url, RECORDER_LOCK)
        entries = await _entries(stores.database_url) if ledger.migrations else ()
        if not _lacks_tables(ledger):
            findings += check_retention(await _overdue(stores.database_url))
            findings += await _history(stores, ledger) if live is not None else ()
    except LedgerUnavailable as exc:
        findings.append(bad("ledger", _why(exc), "start it, or correct CAPACITY_DATABASE_URL"))
    return sorted([*findings, *judge(live, ledger, entries, stores.min_replicas)], key=_is_of_a_territory)


def judge(
    live: LiveFacts | None, ledger: LedgerFacts | None, entries: Sequence[PoolEntry], min_replicas: int = 0
) -> Iterator[Finding]:
    """Every check that the facts at hand allow, the stores first, then territory by territory."""
    if live is not None:
        for server in (live, *live.others):
            yield from check_engine(server, functions.source())
        yield from check_copies([each.copies for each in (live, *live.others) if each.copies], min_replicas)
    if ledger is not None:
        yield from check_database(ledger, [script.name for script in migrating.files()])
    by_territory = {name: list(group) for name, group in groupby(sorted(entries, key=_territory_of), key=_territory_of)}
    names = (
        set(by_territory) | (set(live.territories) if live else set()) | (set(ledger.territories) if ledger else set())
    )
    for name in sorted(names):
        board = live.territories.get(name) if live else None
        kept = ledger.territories.get(name) if ledger else None
        if board is not None:
            yield from check_board(name, board)
            yield from check_holds(name, board.promises)
            if ledger is not None:
                yield from check_stream(name, board, kept)
        if kept is not None:
            yield from check_ledger(name, kept)
        if live is not None and ledger is not None:
            yield from check_registry(name, board, by_territory.get(name, ()))


def _is_of_a_territory(finding: Finding) -> str:
    """The stores first, as they were found; then one territory after the other."""
    return finding.subject if finding.subject.startswith("territory ") else ""


def _territory_of(entry: PoolEntry) -> str:
    return entry.territory


async def _entries(database_url: str) -> Sequence[PoolEntry]:
    async with Database.open(database_url) as database:
        return await RegistryStore(database).pools()


def _lacks_tables(facts: LedgerFacts) -> bool:
    """Whether the schema is older than this version, which is a finding of its own."""
    return not {script.name for script in migrating.files()} <= set(facts.migrations)


async def _overdue(database_url: str) -> Mapping[Data, int]:
    async with Database.open(database_url) as database:
        forgetting = Forgetting(RetentionStore(database), clock=system_clock, days=read_settings().kept_days)
        return await forgetting.overdue(GRACE)


async def _history(stores: Addresses, ledger: LedgerFacts) -> list[Finding]:
    async with LiveStore.open(stores.redis_url) as live, Database.open(stores.database_url) as database:
        comparing = Comparing(live, LedgerStore(database))
        return [
            finding
            for name in sorted(ledger.territories)
            for finding in check_history(name, await comparing.standing(name))
        ]


def _why(exc: CapacityError) -> str:
    return f"does not answer ({exc.__cause__ or exc})"


def _show(stores: Addresses, findings: Sequence[Finding]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(stores.said)
    for subject, group in groupby(findings, key=lambda finding: finding.subject):
        console.print(Text(f"\n{subject}", "bold"))
        for finding in group:
            mark, style = MARKS[finding.verdict]
            console.print(Text(f"  {mark} ", style) + Text(finding.said))
            if finding.advice:
                console.print(Text(f"      → {finding.advice}", style))
    counts = Counter(finding.verdict for finding in findings)
    console.print(f"\n{counts[Verdict.GOOD]} good, {counts[Verdict.DOUBTFUL]} doubtful, {counts[Verdict.BAD]} wrong")
