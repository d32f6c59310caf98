"""`python -m benchmarks.pressure`: ten times the planned load at one `serve` on one core, for a minute.

Nobody who is refused goes away or waits: as many come in the last second as in the first. Before it and after it the
planned load alone, for what is usual and for how soon it is usual again.
"""

import os
import time
from collections import Counter
from http.client import HTTPConnection

import psutil

from benchmarks import bed, figures
from benchmarks.bed import Bed
from benchmarks.figures import Figure
from benchmarks.load import bearer
from benchmarks.pressure import planned
from benchmarks.pressure.memory import Peaks, watched
from benchmarks.pressure.offering import Answer, Offering
from benchmarks.pressure.planned import A_SECOND, LAST_FIRST, REPORTS

TIMES = 10
QUIET_SECONDS = 15.0
PRESSED_SECONDS = float(os.environ.get("PRESSED_SECONDS", "60"))
WINDOWS = 6
MOST_WAIT_MS = 1_000.0
"""Longer than that somebody who taps believes that nothing has happened."""
MOST_RECOVERY_SECONDS = 5.0
MOST_GROWTH = 1.5
USUAL, LEAST_USUAL_MS = 2.0, 50.0
"""A wait within so many times the usual p99 is usual, and so is a short one."""
SHED = 503
TAKEN = {200, 201, 304, 409}
"""Also a hold for which there is no place was decided on; nobody is signed in for a search of nobody: 401."""


def main() -> None:
    with bed.made() as here:
        here.record()
        server = here.serve()
        pools = bed.fill(server.port, token=here.token)
        etag = _etag(server.port, here.token)
        processes = {"serve": server.process, **_others(here)}
        usual, pressed, after = (Offering(server.port) for _ in range(3))
        usual.offer(planned.streams(pools, here.token, etag, 1), QUIET_SECONDS)
        before = Peaks()
        before.look(processes)
        with watched(processes) as peaks:
            cpu, began = server.cpu_seconds(), time.perf_counter()
            pressed.offer(planned.streams(pools, here.token, etag, TIMES), PRESSED_SECONDS)
            busy = (server.cpu_seconds() - cpu) / (time.perf_counter() - began)
            ended = time.perf_counter()
            after.offer(planned.streams(pools, here.token, etag, 1), QUIET_SECONDS)
        if not server.process.is_running():
            raise SystemExit("the server has died")
    _tell(usual, pressed, seconds=ended - began, busy=busy)
    figures.tell([*_figures(usual, pressed, after, began=began, ended=ended), *_memory(before, peaks)])


def _others(here: Bed) -> dict[str, psutil.Process]:
    """The stores and the recorder, by what their command lines say."""
    signs = {"Valkey": str(here.valkey.socket), "Postgres": str(here.folder / "postgres"), "record": "record"}
    ours = psutil.Process().children()
    return {name: one for name, sign in signs.items() for one in ours if any(sign in part for part in one.cmdline())}


def _etag(port: int, token: str) -> str:
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("GET", f"/v1/territories/{bed.TERRITORY}/board", headers=bearer(token))
        return str(line.getresponse().headers["etag"])
    finally:
        line.close()


def _taken(answers: list[Answer], kind: str) -> list[Answer]:
    return [answer for answer in answers if answer.kind == kind and answer.status in TAKEN]


def _p99(answers: list[Answer]) -> float:
    waits = sorted(answer.wait_ms for answer in answers)
    return waits[int(0.99 * len(waits))] if waits else float("inf")


def _tell(usual: Offering, pressed: Offering, *, seconds: float, busy: float) -> None:
    said = Counter(answer.status for answer in pressed.answers)
    plan = sum(A_SECOND.values())
    print(
        f"Planned: {plan:,.0f} requests a second, {A_SECOND[REPORTS]:,.0f} of them reports. Offered: {TIMES} times that"
    )
    print(f"for {PRESSED_SECONDS:g} s, each sent when due, and all answered in {seconds:.1f} s. {bed.PINNING}.")
    print(
        f"The server's core was busy for {busy:.0%} of the time. At most {pressed.lines:,} connections were open, and a"
    )
    print(f"request was sent at most {pressed.late_ms:,.0f} ms late. Statuses: {dict(sorted(said.items()))}.\n")
    print(
        "| refused first to last | offered a second | served a second | refused | p50 of the served | p99 | usual p99 |"
    )
    print("|---|---|---|---|---|---|---|")
    for kind in LAST_FIRST:
        answers = [answer for answer in pressed.answers if answer.kind == kind]
        served = [answer for answer in answers if answer.status != SHED]
        p50 = sorted(answer.wait_ms for answer in served)[len(served) // 2] if served else float("nan")
        quiet = _p99([answer for answer in usual.answers if answer.kind == kind])
        print(
            f"| {kind} | {len(answers) / PRESSED_SECONDS:,.0f} | {len(served) / PRESSED_SECONDS:,.1f} "
            f"| {1 - len(served) / len(answers):.0%} | {p50:,.0f} ms | {_p99(served):,.0f} ms | {quiet:,.0f} ms |"
        )


def _figures(usual: Offering, pressed: Offering, after: Offering, *, began: float, ended: float) -> list[Figure]:
    width = PRESSED_SECONDS / WINDOWS
    windows: list[list[Answer]] = [[] for _ in range(WINDOWS)]
    for answer in _taken(pressed.answers, REPORTS):
        windows[min(WINDOWS - 1, int((answer.due - began) / width))].append(answer)
    broken = [answer for answer in pressed.answers if answer.status == 0 or SHED != answer.status >= 500]
    most_ms = max(LEAST_USUAL_MS, USUAL * _p99(_taken(usual.answers, REPORTS)))
    unusual = [
        answer.due
        for answer in after.answers
        if answer.status == SHED or (answer.kind == REPORTS and answer.wait_ms > most_ms)
    ]
    return [
        Figure(
            "reports taken a second, × planned",
            [len(window) / width / A_SECOND[REPORTS] for window in windows],
            least=1,
        ),
        Figure("p99 of a report taken", [_p99(window) for window in windows], "ms", most=MOST_WAIT_MS),
        Figure("connections lost, and answers of 5xx but 503", [len(broken)], most=0),
        Figure(
            "from its end until all is usual", [max(unusual, default=ended) - ended], "s", most=MOST_RECOVERY_SECONDS
        ),
    ]


def _memory(before: Peaks, peaks: Peaks) -> list[Figure]:
    return [
        *(Figure(f"memory at most, {name}", [peak], "MB") for name, peak in peaks.items()),
        Figure("memory of serve, × before", [peaks["serve"] / before["serve"]], most=MOST_GROWTH),
    ]


if __name__ == "__main__":
    main()
