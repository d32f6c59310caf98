"""What is said of a ranked option, and why the first is the first, as codes: the pages make the sentences."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from capacity.board.needs import Match
from capacity.board.ranking import Option
from capacity.vocabulary.finding import Because, Doors, Why
from capacity.vocabulary.words import Freshness


class FirstBecause(NamedTuple):
    """What puts the first option before the second, with the number of each where numbers tell it."""

    code: Because
    first: int | None = None
    second: int | None = None


_BECAUSE = (  # in the order of `Rank`
    Because.CERTAIN, Because.OPEN_AT_ARRIVAL, Because.BETTER_AUDIENCE, Because.FEWER_POOLS, Because.FEWER_ROOMS,
    Because.NEARER, Because.HOURS_KNOWN, Because.FRESHER, Because.NEARER, Because.LESS_TO_SPARE, Because.BY_NAME,
    Because.BY_NAME,
)  # fmt: skip
_NUMBERS: dict[Because, Callable[[Option], int | None]] = {
    Because.FEWER_POOLS: lambda option: len(option.fit.lines),
    Because.FEWER_ROOMS: lambda option: option.fit.rooms,
    Because.NEARER: lambda option: option.place.metres,
    Because.LESS_TO_SPARE: lambda option: option.rank.spare,
}


def first_because(options: Sequence[Option], now_ms: int) -> FirstBecause | None:
    """Why the first of some ranked options is the first; None where there are none.

    The numbers are pools, rooms, metres or places left over; for `fresher` the seconds since the oldest report.
    """
    if not options:
        return None
    if len(options) == 1:
        return FirstBecause(Because.ONLY_ONE)
    first, second = options[:2]
    code = next(word for word, one, other in zip(_BECAUSE, first.rank, second.rank, strict=True) if one != other)
    if code is Because.FRESHER:
        return FirstBecause(code, _age_seconds(first, now_ms), _age_seconds(second, now_ms))
    number = _NUMBERS.get(code)
    return FirstBecause(code) if number is None else FirstBecause(code, number(first), number(second))


def _age_seconds(option: Option, now_ms: int) -> int | None:
    return None if option.observed_ms is None else max(0, now_ms - option.observed_ms) // 1000


_MATCH_WHY = {
    Match.RIGHT: Why.RIGHT_AUDIENCE,
    Match.MIXED: Why.MIXED_AUDIENCE,
    Match.APART: Why.WOMEN_AND_MEN_APART,
}
_FRESHNESS_WHY = {
    Freshness.FRESH: Why.FRESH,
    Freshness.AGEING: Why.AGEING,
    Freshness.STALE: Why.STALE,
    Freshness.UNKNOWN: Why.NEVER_REPORTED,
}
_DOORS_WHY = {
    Doors.OPEN: Why.OPEN_AT_ARRIVAL,
    Doors.CLOSED: Why.CLOSED_AT_ARRIVAL,
    Doors.UNKNOWN: Why.HOURS_UNKNOWN,
}


def why(option: Option, nearest_metres: int | None) -> list[Why]:
    """What is to be said of an option: its audience, its pools, its age, its doors, and that none is nearer."""
    told = [
        _MATCH_WHY[option.fit.match],
        Why.ONE_POOL if len(option.fit.lines) == 1 else Why.SEVERAL_POOLS,
        _FRESHNESS_WHY[option.freshness],
        _DOORS_WHY[option.place.opening.doors],
    ]
    is_nearest = nearest_metres is not None and option.place.metres == nearest_metres
    return [*told, Why.NEAREST] if is_nearest else told
