"""What we promise, each as a function of a history: nothing when it was kept, else every breach as a sentence."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from tests.crash.ledger_of_holds import ENDS, OURS
from tests.faults.history import History, Picture, Row

SLACK_MS = 5_000
"""How far a moment may lie outside of the round: the network's delay is taken for a difference of the clocks."""
REPORTS = ("count", "movement", "confirmation", "inventory", "status")


def accepted_is_kept(history: History) -> Iterator[str]:
    """Every acknowledged command is in the ledger, under the number that its sender was told."""
    numbers = {kept.command["id"]: kept.seq for kept in history.ledger}
    for accepted in history.accepted:
        if accepted.id not in numbers:
            yield f"accepted and lost: {accepted.id}"
        elif accepted.seq not in (None, numbers[accepted.id]):
            yield f"accepted as {accepted.seq} and kept as {numbers[accepted.id]}: {accepted.id}"


def nothing_counts_twice(history: History) -> Iterator[str]:
    """No command took effect twice, whoever sent it how often; none that was refused or that nobody sent did at all."""
    times = Counter(kept.command["id"] for kept in history.ledger)
    yield from (f"took effect {count} times: {each}" for each, count in times.items() if count > 1)
    yield from (f"refused and kept: {each}" for each in sorted(history.refused & times.keys()))
    sent = {accepted.id for accepted in history.accepted} | history.given_up | set(history.unanswered)
    for kept in history.ledger:
        command = kept.command
        if command["type"] not in OURS and command.get("reason") != "pool_gone" and command["id"] not in sent:
            yield f"nobody sent this: {dict(command)}"


def numbers_have_no_gap(history: History) -> Iterator[str]:
    """The ledger has each number once, in order, from 1 to the board's; each command says its own."""
    expected = history.boards[0].seq
    numbers = Counter(kept.seq for kept in history.ledger)
    yield from (f"number {seq} is missing" for seq in range(1, expected + 1) if seq not in numbers)
    yield from (f"number {seq} was given {count} times" for seq, count in numbers.items() if count > 1)
    yield from (f"number {seq} is beyond the board's {expected}" for seq in numbers if seq > expected)
    for before, kept in zip(history.ledger, history.ledger[1:], strict=False):
        if kept.seq <= before.seq:
            yield f"number {kept.seq} comes after {before.seq}"
    for kept in history.ledger:
        if kept.command["seq"] != kept.seq:
            yield f"number {kept.seq} calls itself {kept.command['seq']}"


def held_is_what_is_promised(history: History) -> Iterator[str]:
    """At every number, `held` of each row is the sum of the active holds; a hold is made and ended once."""
    active: dict[str, dict[str, int]] = {}
    ended: set[str] = set()
    for kept in history.ledger:
        yield from _follow(kept.command, active, ended)
        for row in kept.rows:
            if "gone" not in row and row["held"] != (held := _held(active, row["pool"])):
                yield f"{row['pool']} at {kept.seq}: held {row['held']}, its holds add up to {held}"
    if (told := {hold["id"] for hold in history.holds}) != active.keys():
        yield f"active by the ledger or by the service, not both: {sorted(told ^ active.keys())}"
    for pool, row in history.boards[0].rows.items():
        if row["held"] != (held := sum(_lines(hold).get(pool, 0) for hold in history.holds)):
            yield f"{pool} on the board: held {row['held']}, its holds add up to {held}"


def no_place_is_promised_twice(history: History) -> Iterator[str]:
    """At every number that grants a hold, each of its pools had as many places free, and has so many less after it."""
    rows: dict[str, Row] = {}
    for kept in history.ledger:
        if kept.command["type"] == "hold_created":
            after = {row["pool"]: row for row in kept.rows}
            for pool, places in _lines(kept.command).items():
                free = rows[pool]["free"] if pool in rows and "gone" not in rows[pool] else 0
                if free < places:
                    yield f"{pool} at {kept.seq}: {places} promised of {free} free"
                if pool not in after or after[pool]["over"] or after[pool]["free"] != max(0, free - places):
                    yield f"{pool} at {kept.seq}: {places} of {free} promised leave {after.get(pool)}"
        rows |= {row["pool"]: row for row in kept.rows}


def readers_see_the_board(history: History) -> Iterator[str]:
    """Every reader's last picture is the board, however often its connection broke."""
    for reader in history.readers:
        yield from (f"{reader.who}: {oddity}" for oddity in reader.oddities)
        yield from _differences(reader, history.boards[0])


def board_is_what_the_ledger_says(history: History) -> Iterator[str]:
    """The board has the last row of each pool of the ledger, on every server, and the pools of the registry."""
    rows: dict[str, Row] = {}
    for kept in history.ledger:
        rows |= {row["pool"]: row for row in kept.rows}
    living = {pool: row for pool, row in rows.items() if "gone" not in row}
    ledger = Picture("the ledger", history.ledger[-1].seq if history.ledger else 0, living)
    for board in history.boards:
        yield from _differences(board, ledger)
        if board.rows.keys() != history.pools.keys():
            yield f"{board.who}: on the board or in the registry, not both: {board.rows.keys() ^ history.pools.keys()}"


def a_wrong_clock_moves_nothing(history: History) -> Iterator[str]:
    """Every report is kept at about the moment at which it was observed, whatever its sender's clock says."""
    for kept in history.ledger:
        if kept.command["type"] in REPORTS:
            at_ms = datetime.fromisoformat(kept.command["observed_at"]).timestamp() * 1000
            if not history.began_ms - SLACK_MS <= at_ms <= history.ended_ms + SLACK_MS:
                yield f"observed outside of the round: {dict(kept.command)}"


def everybody_is_answered(history: History) -> Iterator[str]:
    """Whoever sends again learns what became of a command once all is well."""
    yield from (f"no answer: {each}" for each in history.unanswered)


def the_checkup_is_clean(history: History) -> Iterator[str]:
    """`capacity doctor` finds nothing wrong."""
    yield from history.findings


Promise = Callable[[History], Iterator[str]]
PROMISES: Mapping[str, Promise] = {
    "kept": accepted_is_kept,
    "once": nothing_counts_twice,
    "no gap": numbers_have_no_gap,
    "held": held_is_what_is_promised,
    "promised once": no_place_is_promised_twice,
    "readers": readers_see_the_board,
    "board": board_is_what_the_ledger_says,
    "clocks": a_wrong_clock_moves_nothing,
    "answered": everybody_is_answered,
    "doctor": the_checkup_is_clean,
}


def breaches_of(history: History) -> dict[str, list[str]]:
    """The breaches of each promise that was not kept."""
    found = {name: list(promise(history)) for name, promise in PROMISES.items()}
    return {name: breaches for name, breaches in found.items() if breaches}


def _follow(command: Mapping[str, Any], active: dict[str, dict[str, int]], ended: set[str]) -> Iterator[str]:
    hold = command.get("hold", "")
    if command["type"] == "hold_created":
        if hold in active or hold in ended:
            yield f"made twice: {hold}"
        active[hold] = _lines(command)
    elif command["type"] in ENDS:
        if active.pop(hold, None) is None:
            yield f"ended without being active: {dict(command)}"
        ended.add(hold)


def _lines(hold: Mapping[str, Any]) -> dict[str, int]:
    return {line["pool"]: line["places"] for line in hold["lines"]}


def _held(active: Mapping[str, Mapping[str, int]], pool: str) -> int:
    return sum(lines.get(pool, 0) for lines in active.values())


def _differences(picture: Picture, truth: Picture) -> Iterator[str]:
    if picture.seq != truth.seq:
        yield f"{picture.who} is at {picture.seq}, {truth.who} at {truth.seq}"
    for pool in sorted(picture.rows.keys() | truth.rows.keys()):
        if picture.rows.get(pool) != truth.rows.get(pool):
            yield f"{picture.who} has {picture.rows.get(pool)}, {truth.who} has {truth.rows.get(pool)}"
