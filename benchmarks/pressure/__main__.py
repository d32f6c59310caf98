"""`python -m benchmarks.pressure`: ten times the planned load at one `serve` on one core, for a minute.

Nobody who is refused goes away or waits: as many come in the last second as in the first. Before it and after it the
planned load alone, for what is usual and for how soon it is usual again. Then the same, for a shorter time, at a server
that refuses nobody.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection

import psutil

from benchmarks import bed, figures
from benchmarks.bed import Bed, Running
from benchmarks.figures import Figure
from benchmarks.load import bearer
from benchmarks.pressure import planned
from benchmarks.pressure.memory import watched
from benchmarks.pressure.offering import Answer, Offering
from benchmarks.pressure.planned import A_SECOND, LAST_FIRST, REPORTS

TIMES = 10
QUIET_SECONDS, PRESSED_SECONDS, UNSHED_SECONDS = 15.0, 60.0, 20.0
WINDOW_SECONDS = 10.0
MOST_WAIT_MS = 1_000.0
"""Longer than that somebody who taps believes that nothing has happened."""
MOST_RECOVERY_SECONDS = 5.0
MOST_GROWTH = 1.5
USUAL, LEAST_USUAL_MS = 2.0, 50.0
"""A wait within so many times the usual p99 is usual, and so is a short one."""
SHED = 503
TAKEN = {200, 201}
OURS, UNSHED = "capacity serve", "the same without refusing"


@dataclass(slots=True)
class Pressed:
    """What one server did at ten times the planned load."""

    seconds: float
    load: Offering
    began: float
    ended: float
    cpu_seconds: float

    @property
    def busy(self) -> float:
        return self.cpu_seconds / (self.ended - self.began)

    def windows(self) -> list[list[Answer]]:
        """The reports taken, by the ten seconds in which they were due."""
        windows: list[list[Answer]] = [[] for _ in range(max(1, int(self.seconds // WINDOW_SECONDS)))]
        for answer in _taken(self.load.answers):
            windows[min(len(windows) - 1, int((answer.due - self.began) / WINDOW_SECONDS))].append(answer)
        return windows

    def p99s(self) -> list[float]:
        return [_p99(window) for window in self.windows()]

    def rates(self) -> list[float]:
        windows = self.windows()
        return [len(window) * len(windows) / self.seconds for window in windows]


def main() -> None:
    with bed.made() as here:
        here.record()
        server, unshed = here.serve(OURS), here.serve(UNSHED, ("benchmarks.pressure.unshed",))
        pools = bed.fill(server.port, token=here.token)
        etag = _etag(server.port, here.token)

        def offer(to: Running, seconds: float, times: float = 1) -> Offering:
            load = Offering(to.port)
            load.offer(planned.streams(pools, here.token, etag, times), seconds)
            return load

        def press(to: Running, seconds: float) -> Pressed:
            began, cpu = Offering.now(), to.cpu_seconds()
            load = offer(to, seconds, TIMES)
            return Pressed(seconds, load, began, Offering.now(), to.cpu_seconds() - cpu)

        usual = offer(server, QUIET_SECONDS)
        with watched({"serve": server.process, **_others(here)}) as memory:
            pressed = press(server, PRESSED_SECONDS)
            after = offer(server, QUIET_SECONDS)
        offer(unshed, QUIET_SECONDS / 5)  # warm
        worse = press(unshed, UNSHED_SECONDS)
    _tell(usual, pressed, worse)
    _tell_memory(memory.first, memory.most)
    figures.tell(_figures(usual, pressed, after, worse, growth=memory.most["serve"] / memory.first["serve"]))


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


def _taken(answers: list[Answer]) -> list[Answer]:
    """The reports that were taken."""
    return [answer for answer in answers if answer.kind == REPORTS and answer.status in TAKEN]


def _p99(answers: list[Answer]) -> float:
    waits = sorted(answer.wait_ms for answer in answers)
    return waits[int(0.99 * len(waits))] if waits else float("inf")


def _tell(usual: Offering, pressed: Pressed, worse: Pressed) -> None:
    load, said = pressed.load, Counter(answer.status for answer in pressed.load.answers)
    plan = sum(A_SECOND.values())
    print(
        f"Planned: {plan:,.0f} requests a second, {A_SECOND[REPORTS]:,.0f} of them reports. Offered: {TIMES} times that"
    )
    print(f"for {pressed.seconds:g} s, each sent when due, and all answered in {pressed.ended - pressed.began:.1f} s.")
    print(f"{bed.PINNING}. The server's core was busy for {pressed.busy:.0%}")
    print(
        f"of the time. At most {load.lines:,} connections were open; a request was sent at most {load.late_ms:,.0f} ms"
    )
    print(f"late. Statuses: {dict(sorted(said.items()))}. Last column: without refusing, {worse.seconds:g} s.\n")
    print(
        "| refused first to last | offered a second | served a second | refused | p50 | p99 | usual p99 | p99 without |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for kind in LAST_FIRST:
        answers = [answer for answer in load.answers if answer.kind == kind]
        served = [answer for answer in answers if answer.status != SHED]
        p50 = sorted(answer.wait_ms for answer in served)[len(served) // 2] if served else float("nan")
        quiet, without = ([one for one in of.answers if one.kind == kind] for of in (usual, worse.load))
        print(
            f"| {kind} | {len(answers) / pressed.seconds:,.0f} | {len(served) / pressed.seconds:,.1f} "
            f"| {1 - len(served) / len(answers):.0%} | {p50:,.0f} ms | {_p99(served):,.0f} ms | {_p99(quiet):,.0f} ms "
            f"| {_p99(without):,.0f} ms |"
        )


def _tell_memory(first: Mapping[str, float], most: Mapping[str, float]) -> None:
    told = ", ".join(f"{name} {first[name]:,.0f} → {most[name]:,.0f}" for name in first)
    print(f"\nMemory in MB, before and at most (resident; shared pages by their share): {told}.")


def _figures(usual: Offering, pressed: Pressed, after: Offering, worse: Pressed, *, growth: float) -> list[Figure]:
    broken = [one for one in pressed.load.answers if one.status == 0 or SHED != one.status >= 500]
    most_ms = max(LEAST_USUAL_MS, USUAL * _p99(_taken(usual.answers)))
    unusual = [
        answer.due
        for answer in after.answers
        if answer.status == SHED or (answer.kind == REPORTS and answer.wait_ms > most_ms)
    ]
    recovery = max(unusual, default=pressed.ended) - pressed.ended
    planned_rate = A_SECOND[REPORTS]
    return [
        Figure("reports taken a second, × planned", [rate / planned_rate for rate in pressed.rates()], least=1),
        Figure("p99 of a report taken", pressed.p99s(), "ms", most=MOST_WAIT_MS),
        Figure("the same without refusing", worse.p99s(), "ms"),
        Figure("connections lost, and answers of 5xx but 503", [len(broken)], most=0),
        Figure("from its end until all is usual", [recovery], "s", most=MOST_RECOVERY_SECONDS),
        Figure("memory of serve at most, × before", [growth], most=MOST_GROWTH),
    ]


if __name__ == "__main__":
    main()
