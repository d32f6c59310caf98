"""Who goes where."""

import pytest

from capacity.board.needs import Household, Match, audience_of, need_of
from capacity.vocabulary.words import Audience, Trait


@pytest.mark.parametrize(
    ("household", "audience"),
    [
        (Household(women=1), Audience.WOMEN),
        (Household(women=3), Audience.WOMEN),
        (Household(men=1), Audience.MEN),
        (Household(men=2), Audience.MEN),
        (Household(children=1), Audience.MINORS),
        (Household(women=1, children=2), Audience.FAMILIES),
        (Household(men=1, children=1), Audience.FAMILIES),
        (Household(women=2, men=3, children=1), Audience.FAMILIES),
        (Household(women=1, men=1), Audience.COUPLES),
        (Household(women=2, men=1), Audience.MIXED),
        (Household(women=1, men=4), Audience.MIXED),
    ],
)
def test_a_household_is_of_one_audience(household, audience):
    assert audience_of(household) is audience


@pytest.mark.parametrize("audience", [one for one in Audience if one is not Audience.MINORS])
def test_mixed_pools_take_whoever_is_not_a_child_alone_and_come_second(audience):
    need = need_of(audience, frozenset())
    assert need.matches[audience] is Match.RIGHT
    assert set(need.matches) == {audience, Audience.MIXED}


def test_children_alone_go_to_minors_only():
    assert need_of(Audience.MINORS, frozenset()).matches == {Audience.MINORS: Match.RIGHT}


def test_only_adults_of_both_kinds_may_part():
    assert [one for one in Audience if need_of(one, frozenset()).may_part] == [Audience.MIXED]
    need = need_of(Audience.MIXED, frozenset())
    allowed = {one for one in Audience if need.allows(one, frozenset())}
    assert allowed == {Audience.MIXED, Audience.WOMEN, Audience.MEN}


def test_every_trait_that_was_asked_for_must_be_there():
    need = need_of(Audience.WOMEN, frozenset({Trait.PETS, Trait.WHEELCHAIR}))
    assert need.allows(Audience.WOMEN, {Trait.PETS, Trait.WHEELCHAIR, Trait.BABIES})
    assert not need.allows(Audience.WOMEN, {Trait.PETS})
