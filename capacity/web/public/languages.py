"""The languages of the public page: one catalogue a language, each with every key."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from capacity.board.hours import Hours
from capacity.board.nights import ZONE
from capacity.vocabulary.finding import Doors

FIRST = "fr"
LANGUAGES: Mapping[str, str] = {
    "fr": "Français",
    "en": "English",
    "es": "Español",
    "uk": "Українська",
    "ar": "العربية",
}
"""Each by its own name; Pashto, Dari and others are missing until somebody who speaks them has written them."""
FROM_RIGHT = frozenset({"ar"})

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000

Catalogue = Mapping[str, Any]


def _one_two_few(count: int) -> str:
    """Ukrainian: 1, 21; 2-4, 22-24; the others."""
    ten, hundred = count % 10, count % 100
    if ten == 1 and hundred != 11:
        return "one"
    return "few" if ten in (2, 3, 4) and hundred not in (12, 13, 14) else "many"


def _arabic(count: int) -> str:
    if count in (1, 2):
        return {1: "one", 2: "two"}[count]
    if 3 <= count % 100 <= 10:
        return "few"
    return "many" if count % 100 >= 11 else "other"


_FORMS: Mapping[str, Callable[[int], str]] = {
    "fr": lambda count: "one" if count < 2 else "other",
    "en": lambda count: "one" if count == 1 else "other",
    "es": lambda count: "one" if count == 1 else "other",
    "uk": _one_two_few,
    "ar": _arabic,
}
"""Which form of a word goes with a number. Source: CLDR, plural rules."""


@cache
def catalogue(lang: str) -> Catalogue:
    """The texts of a language, as its file has them."""
    text = files("capacity.web.public").joinpath("catalogues", f"{lang}.json").read_text("utf-8")
    found: Catalogue = json.loads(text)
    return found


@dataclass(frozen=True, slots=True)
class Speech:
    """Says things in one language. `now_ms` is the moment of saying."""

    lang: str
    now_ms: int

    @property
    def texts(self) -> Catalogue:
        """Its catalogue."""
        return catalogue(self.lang)

    @property
    def direction(self) -> str:
        """How it is written."""
        return "rtl" if self.lang in FROM_RIGHT else "ltr"

    def counted(self, key: str, count: int) -> str:
        """A text with a number in it."""
        forms: Mapping[str, str] = self.texts[key]
        return forms[_FORMS[self.lang](count)].format(n=count)

    def age(self, observed_ms: int | None) -> str:
        """How long ago something was observed, rounded down."""
        if observed_ms is None:
            return str(self.texts["age_never"])
        ago_ms = max(0, self.now_ms - observed_ms)
        if ago_ms < MINUTE_MS:
            return str(self.texts["age_now"])
        if ago_ms < HOUR_MS:
            return self.counted("age_minutes", ago_ms // MINUTE_MS)
        if ago_ms < DAY_MS:
            return self.counted("age_hours", ago_ms // HOUR_MS)
        return self.counted("age_days", ago_ms // DAY_MS)

    def opening(self, hours: Hours | None) -> str:
        """Whether doors are open, and when that changes."""
        doors, opens_ms = (Doors.UNKNOWN, None) if hours is None else hours.at(self.now_ms)
        if hours is None or doors is Doors.UNKNOWN:
            return str(self.texts["hours_unknown"])
        if doors is Doors.OPEN:
            closes_ms = hours.closes_ms(self.now_ms)
            return str(self.texts["open_always"]) if closes_ms is None else self._change("open_until", closes_ms)
        return str(self.texts["closed"]) if opens_ms is None else self._change("closed_until", opens_ms)

    def time(self, moment_ms: int) -> str:
        """The time of day on the clocks of Paris."""
        return f"{_local(moment_ms):%H:%M}"

    def _change(self, key: str, moment_ms: int) -> str:
        """With the day where it is not today; the morning after a night goes without."""
        today, then = _local(self.now_ms), _local(moment_ms)
        is_soon = then.date() == today.date() or (key == "open_until" and moment_ms - self.now_ms < DAY_MS // 2)
        if is_soon:
            return str(self.texts[key]).format(time=f"{then:%H:%M}")
        tomorrow = (today + timedelta(days=1)).date()
        day = self.texts["tomorrow"] if then.date() == tomorrow else self.texts["weekdays"][then.weekday()]
        return str(self.texts[f"{key}_day"]).format(day=day, time=f"{then:%H:%M}")


def _local(moment_ms: int) -> datetime:
    return datetime.fromtimestamp(moment_ms / 1000, ZONE)
