"""Whether those who were there tell the same of how a hold ended, and how far a site keeps its word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PRESENT = frozenset({"arrived", "no_show", "refused", "full_on_arrival"})
"""Ends that somebody saw with their own eyes; the others only say that nobody was seen."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a side says became of a hold; the moment in milliseconds since 1970."""

    side: str
    says: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How a hold ended, and what was said of it afterwards, oldest first.

    `free` holds each pool of which the board showed so many free places after the end, and at least one.
    """

    hold: str
    pools: Sequence[str]
    site: str
    ended_as: str
    ended_ms: int
    free: Mapping[str, int]
    statements: Sequence[Statement]

    @property
    def is_disputed(self) -> bool:
        """Somebody says otherwise than it ended, or the sides otherwise than each other, or a full site looked free."""
        last_words = {statement.side: statement.says for statement in self.statements}
        return (
            any(contradicts(self.ended_as, statement.says) for statement in self.statements)
            or len(set(last_words.values())) > 1
            or (self.ended_as == "full_on_arrival" and bool(self.free))
        )

    @property
    def latest_ms(self) -> int:
        """When something was last said of it."""
        return max([self.ended_ms, *(statement.at_ms for statement in self.statements)])


def contradicts(ended_as: str, says: str) -> bool:
    """Whether what somebody says is not how the hold ended.

    Of a hold that expired, was cancelled or lost its pool, only an arrival is news. The live store says the same.
    """
    return says != ended_as if ended_as in PRESENT else says == "arrived"


@dataclass(frozen=True, slots=True)
class Reliability:
    """How the holds on one site ended in a time.

    Who did not come tells nothing of the site: those are counted, and no part of `kept` or `of`.
    """

    site: str
    arrived: int = 0
    full_on_arrival: int = 0
    refused: int = 0
    no_show: int = 0
    expired: int = 0

    @property
    def kept(self) -> int:
        """How many found the place that they were promised."""
        return self.arrived

    @property
    def of(self) -> int:
        """How many stood at the door."""
        return self.arrived + self.full_on_arrival + self.refused
