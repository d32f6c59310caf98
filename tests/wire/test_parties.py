"""Parties: counts within bounds, and never nobody."""

import pytest
from pydantic import ValidationError

from capacity.wire.parties import Party


def test_who_is_not_named_is_none():
    party = Party.model_validate_json('{"women":1,"children":2}')
    assert (party.women, party.men, party.children, party.persons) == (1, 0, 2, 3)


@pytest.mark.parametrize(
    "said",
    [
        "{}",
        '{"women":0,"men":0,"children":0}',
        '{"women":-1,"men":2}',
        '{"women":51}',
        '{"women":1.5}',
        '{"women":"1"}',
        '{"women":true}',
        '{"women":null,"men":1}',
        '{"women":1,"name":"no"}',
        "[]",
    ],
)
def test_what_is_no_party_is_refused(said):
    with pytest.raises(ValidationError):
        Party.model_validate_json(said)


def test_the_largest_party_is_one():
    assert Party(women=50, men=50, children=50).persons == 150
