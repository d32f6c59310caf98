"""Whether a site is open at a moment, by opening hours in the syntax of OpenStreetMap, on the clocks of Paris."""

from bisect import bisect_right
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

from opening_hours import OpeningHours, State, validate

from capacity.board.clocks import to_ms
from capacity.board.nights import ZONE, Night
from capacity.vocabulary.finding import Doors

COUNTRY = "FR"
"""Whose public holidays `PH` means."""
DAYS_AHEAD = 9
TEXTS_KEPT = 4_096

_DOORS = {State.OPEN: Doors.OPEN, State.CLOSED: Doors.CLOSED, State.UNKNOWN: Doors.UNKNOWN}


class Opening(NamedTuple):
    """Whether the doors are open; closed ones say when they open next (milliseconds since 1970), if within a week."""

    doors: Doors
    opens_ms: int | None = None


UNKNOWN = Opening(Doors.UNKNOWN)


class Hours:
    """One text of opening hours. The days ahead are worked out once and then looked up.

    Never asks when the state changes without an end to the search: hours that never open would have the library look
    through thousands of years.
    """

    def __init__(self, text: str) -> None:
        """Raises ValueError when the text is not of the syntax."""
        if not validate(text):
            raise ValueError("not opening hours as OpenStreetMap writes them")
        self._rules = OpeningHours(text, timezone=ZONE, country=COUNTRY)
        self._from_ms = self._until_ms = 0
        self._starts: list[int] = []
        self._openings: list[Opening] = [UNKNOWN]

    def at(self, moment_ms: int) -> Opening:
        """What they say of a moment, in milliseconds since 1970."""
        if not self._from_ms <= moment_ms < self._until_ms:
            self._work_out(moment_ms)
        return self._openings[bisect_right(self._starts, moment_ms)]

    def closes_ms(self, moment_ms: int) -> int | None:
        """When doors that are open at a moment close; None where they are not, or stay open for a week and more."""
        if self.at(moment_ms).doors is not Doors.OPEN:
            return None
        later = range(bisect_right(self._starts, moment_ms) + 1, len(self._openings))
        return next((self._starts[n - 1] for n in later if self._openings[n].doors is not Doors.OPEN), None)

    def _work_out(self, moment_ms: int) -> None:
        """The intervals from noon on, good for a night: a week ahead is then known, and no clock is changed at noon."""
        night = Night.of(moment_ms)
        self._from_ms, self._until_ms = night.start_ms, night.end_ms
        start = night.start.astimezone(ZONE)
        intervals = list(self._rules.intervals(start, start + timedelta(days=DAYS_AHEAD)))
        self._starts = [to_ms(begins) for begins, *_ in intervals]
        doors = [_DOORS.get(state, Doors.UNKNOWN) for _, _, state, _ in intervals]
        self._openings = [UNKNOWN]
        for number, word in enumerate(doors):
            later = zip(self._starts[number:], doors[number:], strict=True)
            opens_ms = next((begins for begins, then in later if then is Doors.OPEN), None)
            self._openings.append(Opening(word, opens_ms if word is Doors.CLOSED else None))


@lru_cache(maxsize=TEXTS_KEPT)
def read_hours(text: str | None) -> Hours | None:
    """The hours of a text, the same for the same text; None where there is none or it cannot be read."""
    if text is None:
        return None
    try:
        return Hours(text)
    except ValueError:
        return None
