"""Who goes where: the audiences that fit a household, best first. Counts only, never names (law 9)."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import NamedTuple

from capacity.vocabulary.words import Audience, Trait


class Match(IntEnum):
    """How well the audience of what was found fits, best first."""

    RIGHT = 0
    MIXED = 1
    APART = 2


class Household(NamedTuple):
    """How many women, men and children look for a place together."""

    women: int = 0
    men: int = 0
    children: int = 0

    @property
    def persons(self) -> int:
        """All of them."""
        return self.women + self.men + self.children


@dataclass(frozen=True, slots=True)
class Need:
    """What a pool must be for a household.

    `matches` are the audiences that take all of it, `traits` what the pool must have besides. `may_part`: the women may
    go to a pool of women and the men to one of men, at the same site, where nothing takes them together.
    """

    matches: Mapping[Audience, Match]
    may_part: bool
    traits: frozenset[Trait]

    def allows(self, audience: Audience, traits: AbstractSet[Trait]) -> bool:
        """Whether a pool could take the household, or a part of it that may go apart."""
        fits = audience in self.matches or (self.may_part and audience in (Audience.WOMEN, Audience.MEN))
        return fits and self.traits <= traits


@cache
def need_of(audience: Audience, traits: frozenset[Trait]) -> Need:
    """What households of an audience need; the same object for the same question."""
    matches = {audience: Match.RIGHT}
    if audience is not Audience.MINORS:
        matches = {Audience.MIXED: Match.MIXED} | matches
    return Need(matches, audience is Audience.MIXED, traits)


def audience_of(household: Household) -> Audience:
    """The audience that a household is: the first choice of where it goes.

    Adults with children are a family, children by themselves minors, one woman with one man a couple; women or men
    alone go to their own. `mixed` is left for other adults together, and takes in all but minors.
    """
    women, men, children = household
    if children:
        return Audience.FAMILIES if women or men else Audience.MINORS
    if not men:
        return Audience.WOMEN
    if not women:
        return Audience.MEN
    return Audience.COUPLES if women == men == 1 else Audience.MIXED
