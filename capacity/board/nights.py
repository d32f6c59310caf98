"""Nights: from noon to noon where the shelters are, named by the day on which they begin. Source: domain.md, night."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from capacity.board.clocks import to_ms

ZONE = ZoneInfo("Europe/Paris")
_NOON = time(12)
_HALF_A_DAY, _DAY = timedelta(hours=12), timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Night:
    """The night from the noon of a day to the noon of the next: of 23, 24 or 25 hours, as the clocks are changed."""

    day: date

    @classmethod
    def of(cls, moment_ms: int) -> "Night":
        """The night in which a moment lies; noon belongs to the night that it begins."""
        local = datetime.fromtimestamp(moment_ms / 1000, ZONE).replace(tzinfo=None)
        return cls((local - _HALF_A_DAY).date())

    @property
    def start_ms(self) -> int:
        """Its first moment, in milliseconds since 1970."""
        return to_ms(datetime.combine(self.day, _NOON, ZONE))

    @property
    def end_ms(self) -> int:
        """The first moment of the next night, in milliseconds since 1970."""
        return self.before(-1).start_ms

    @property
    def start(self) -> datetime:
        """Its first moment, in UTC."""
        return datetime.fromtimestamp(self.start_ms / 1000, UTC)

    @property
    def end(self) -> datetime:
        """The first moment of the next night, in UTC."""
        return datetime.fromtimestamp(self.end_ms / 1000, UTC)

    def before(self, nights: int = 1) -> "Night":
        """The night so many nights earlier; a negative number means later."""
        return Night(self.day - nights * _DAY)

    def __str__(self) -> str:
        """The day on which it begins, `2026-11-22`: the night of the 22nd to the 23rd."""
        return self.day.isoformat()
