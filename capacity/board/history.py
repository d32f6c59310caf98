"""What was true of a pool over time, told again from what was observed. Laws 1 and 2; wire.md, History."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

OPENED = "pool_opened"
CHANGES_FIRST = {OPENED: 0, "pool_changed": 1, "movement": 2, "hold_arrived": 2}
OTHERS, AFTER_COUNTS = 3, 4


@dataclass(frozen=True, slots=True)
class State:
    """A pool at one moment. `inside` is the sum that law 2 speaks of, which may be below zero.

    Before anybody reported on a pool it is not known, and nothing is told of it: its places would look free. Law 7.
    `registered` is the capacity of the registry: only a change of it moves the live one.
    """

    capacity: int = 0
    extra: int = 0
    out_of_service: int = 0
    inside: int = 0
    held: int = 0
    status: str = "open"
    is_gone: bool = False
    is_known: bool = False
    registered: int = 0

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
    """One command of the ledger at the moment it speaks of, in milliseconds since 1970.

    A command about a hold says what it meant for the pool: `held_change`, and `arrived`. So does the one fact of the
    type `holds`, what those before a range add up to; its `arrived` are in no count that comes with it.
    """

    at_ms: int
    command: dict[str, Any]
    follows_counts: bool = False
    """Whether it comes after the counts of its own moment."""


@dataclass(frozen=True, slots=True)
class Point:
    """A state and the moment since when, or the step in which, it was true."""

    at_ms: int
    state: State


def tell(facts: Iterable[Fact]) -> list[Point]:
    """The states that the facts lead through, one a moment, oldest first.

    A count at a moment already holds the movements up to it, so it comes after them. Late facts stand at their own
    moment: they changed nothing live, and are true of the past all the same. Each opening begins another life of the
    pool; a life speaks from its first word on, which may have been observed before the opening. A report that was sent
    again after its answer was forgotten stands in the ledger twice and is heard once. Law 4.
    """
    in_order = sorted(_arrivals_after_counts(facts), key=_order)
    openings = {fact.command["seq"]: fact.command for fact in in_order if fact.command["type"] == OPENED}
    lives = sorted(openings)
    present, state = -1, State()
    points: list[Point] = []
    heard: set[str] = set()
    for fact in in_order:
        life = bisect_right(lives, fact.command["seq"])
        if life < present or fact.command["id"] in heard:
            continue
        heard.add(fact.command["id"])
        if life > present:
            present, state = life, _opened(openings[lives[life - 1]]) if life else State()
        state = _after(state, fact.command)
        if points and points[-1].at_ms == fact.at_ms:
            points.pop()
        points.append(Point(fact.at_ms, state))
    return points


def in_range(points: Iterable[Point], from_ms: int, to_ms: int) -> list[Point]:
    """The points of a range, both ends included, of which something is known."""
    return [point for point in points if from_ms <= point.at_ms <= to_ms and point.state.is_known]


def in_steps(points: Iterable[Point], from_ms: int, to_ms: int, step_ms: int) -> list[Point]:
    """One point a step: the state of the step in which the fewest places were free, never an average.

    Points before `from_ms` say what stood then. A step before anybody reported has no point; one in which nothing
    was observed has the state that stood. Where several states had as few free, the fullest counts.
    """
    told: list[Point] = []
    coming = list(points)
    taken = 0
    state = State()
    for at_ms in range(from_ms, to_ms, step_ms):
        while taken < len(coming) and coming[taken].at_ms <= at_ms:
            state = coming[taken].state
            taken += 1
        states = [state]
        while taken < len(coming) and coming[taken].at_ms < min(at_ms + step_ms, to_ms + 1):
            state = coming[taken].state
            states.append(state)
            taken += 1
        if known := [each for each in states if each.is_known]:
            told.append(Point(at_ms, min(known, key=lambda each: (each.free, -each.occupied))))
    return told


def _arrivals_after_counts(facts: Iterable[Fact]) -> list[Fact]:
    """Whoever arrives when a count is known already is not in it, though the count be of the same moment.

    It can even be of a later one, by another server's clock. The live store says the same. Law 2.
    """
    told: list[Fact] = []
    newest_count_ms = -1
    for fact in sorted(facts, key=lambda each: each.command["seq"]):
        kind = fact.command["type"]
        if kind == "holds":
            told.append(replace(fact, follows_counts=True))
        elif kind == "hold_arrived" and fact.at_ms <= newest_count_ms:
            told.append(replace(fact, at_ms=newest_count_ms, follows_counts=True))
        else:
            told.append(fact)
        if kind == "count":
            newest_count_ms = max(newest_count_ms, fact.at_ms)
    return told


def _order(fact: Fact) -> tuple[int, int, str]:
    rank = AFTER_COUNTS if fact.follows_counts else CHANGES_FIRST.get(fact.command["type"], OTHERS)
    return fact.at_ms, rank, fact.command["id"]


def _opened(command: dict[str, Any]) -> State:
    return State(capacity=command["capacity"], registered=command["capacity"])


def _after(state: State, command: dict[str, Any]) -> State:
    match command["type"]:
        case "pool_opened":
            return state
        case "pool_changed":
            registered = command["capacity"]
            is_moved = registered != state.registered
            return replace(state, registered=registered, capacity=registered if is_moved else state.capacity)
        case "pool_gone":
            return State(is_gone=True, is_known=state.is_known)
        case "count":
            return replace(state, inside=command["occupied"], is_known=True)
        case "movement":
            return replace(state, inside=state.inside + command["delta"], is_known=True)
        case "inventory":
            said = {name: command[name] for name in ("capacity", "extra", "out_of_service") if name in command}
            return replace(state, **said, is_known=True)
        case "status":
            return replace(state, status=command["status"], is_known=True)
        case "confirmation":
            return replace(state, is_known=True)
        case "holds" | "hold_created" | "hold_arrived" | "hold_released" | "hold_expired":
            return _held(state, command)
        case _:
            return state


def _held(state: State, command: dict[str, Any]) -> State:
    """Who arrives moves the number inside, and is no report: it makes no pool known. Laws 5 and 7."""
    if state.is_gone:
        return state
    held, inside = state.held + command["held_change"], state.inside + command["arrived"]
    return replace(state, held=held, inside=inside)
