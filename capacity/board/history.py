"""What was true of a pool over time, told again from what was observed. Laws 1 and 2; wire.md, History."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

CHANGES_FIRST = {"pool_opened": 0, "pool_changed": 1, "movement": 2}


@dataclass(frozen=True, slots=True)
class State:
    """A pool at one moment. `inside` is the sum that law 2 speaks of, which may be below zero.

    Before anybody reported on a pool it is not known, and nothing is told of it: its places would look free. Law 7.
    """

    capacity: int = 0
    extra: int = 0
    out_of_service: int = 0
    inside: int = 0
    held: int = 0
    status: str = "open"
    is_gone: bool = False
    is_known: bool = True

    @property
    def occupied(self) -> int:
        """Never shown below zero. Law 2."""
        return max(0, self.inside)

    @property
    def free(self) -> int:
        """What could still be given. Law 1."""
        if self.status != "open" or self.is_gone:
            return 0
        return max(0, self.capacity + self.extra - self.out_of_service - self.occupied - self.held)


@dataclass(frozen=True, slots=True)
class Fact:
    """One command of the ledger at the moment it speaks of, in milliseconds since 1970."""

    at_ms: int
    command: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """A state and the moment since when, or the step in which, it was true."""

    at_ms: int
    state: State


def state_of_row(row: dict[str, Any]) -> State:
    """The state that a row on the board shows."""
    if "gone" in row:
        return State(is_gone=True)
    numbers = (row["capacity"], row["extra"], row["out_of_service"], row["occupied"], row["held"])
    return State(*numbers, row["status"], is_known=row["observed_at"] is not None)


def tell(start: State | None, facts: Iterable[Fact]) -> Iterator[Point]:
    """The states that the facts lead through, one a moment, from the state that stood before them.

    A count at a moment already holds the movements up to it, so it comes after them. Late facts stand at their own
    moment: they changed nothing live, and are true of the past all the same. A pool may be reported on from before
    the moment at which it was opened; its opening then empties nothing.
    """
    state = start or State(is_known=False)
    latest_seq = 0
    pending: Point | None = None
    for fact in sorted(facts, key=_order):
        seq = fact.command["seq"]
        if fact.command["type"] != "pool_opened" or seq > latest_seq:
            state = _after(state, fact.command)
        latest_seq = max(latest_seq, seq)
        if pending is not None and pending.at_ms != fact.at_ms:
            yield pending
        pending = Point(fact.at_ms, state) if state.is_known else None
    if pending is not None:
        yield pending


def in_steps(start: State | None, points: Iterable[Point], from_ms: int, to_ms: int, step_ms: int) -> list[Point]:
    """One point a step: the state of the step in which the fewest places were free, never an average.

    A step before anybody reported has no point; one in which nothing was observed has the state that stood.
    Where several states had as few free, the fullest counts.
    """
    told: list[Point] = []
    coming = list(points)
    taken = 0
    state = start
    for at_ms in range(from_ms, to_ms, step_ms):
        states = [] if state is None or not state.is_known else [state]
        while taken < len(coming) and coming[taken].at_ms < min(at_ms + step_ms, to_ms + 1):
            state = coming[taken].state
            if coming[taken].at_ms == at_ms:
                states = []
            states.append(state)
            taken += 1
        if states:
            told.append(Point(at_ms, min(states, key=lambda each: (each.free, -each.occupied))))
    return told


def _order(fact: Fact) -> tuple[int, int, str]:
    return fact.at_ms, CHANGES_FIRST.get(fact.command["type"], 3), fact.command["id"]


def _after(state: State, command: dict[str, Any]) -> State:
    match command["type"]:
        case "pool_opened":
            return State(capacity=command["capacity"], is_known=False)
        case "pool_changed":
            return replace(state, capacity=command["capacity"])
        case "pool_gone":
            return replace(state, is_gone=True)
        case "count":
            return replace(state, inside=command["occupied"], is_known=True)
        case "movement":
            return replace(state, inside=state.inside + command["delta"], is_known=True)
        case "inventory":
            said = {name: command[name] for name in ("capacity", "extra", "out_of_service") if name in command}
            return replace(state, **said, is_known=True)
        case "status":
            return replace(state, status=command["status"], is_known=True)
        case _:
            return replace(state, is_known=True)
