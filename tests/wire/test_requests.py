"""Requests as they come in: what is typed in a hurry is understood, and what is none of these is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from capacity.vocabulary.codes import DIGITS, LETTERS
from capacity.wire.requests import OutcomeBody, RequestBody, RequestsQuery
from tests.world import command_id

ID = command_id(1)
codes = (
    st.integers(2, 3)
    .flatmap(
        lambda pairs: st.lists(
            st.tuples(st.sampled_from(LETTERS), st.sampled_from(DIGITS)).map("".join), min_size=pairs, max_size=pairs
        )
    )
    .map("".join)
)
separators = st.sampled_from(["", " ", "-", ".", "  "])


def request(**said):
    return RequestBody.model_validate_json(json.dumps({"id": ID, "party": {"women": 1}, **said}))


def test_only_the_party_has_to_be_said():
    asked = request()
    assert (asked.needs, asked.channel, asked.area, asked.contact) == ((), "115", None, None)


@given(codes, st.data())
def test_a_code_is_understood_however_it_is_typed(code, data):
    typed = "".join(data.draw(separators) + data.draw(st.sampled_from([sign, sign.lower()])) for sign in code)
    assert request(contact=typed).contact == code


@pytest.mark.parametrize(
    "typed",
    ["", " ", "M4", "M4R", "4MR8", "M0R8", "MOR8", "M1R8", "M4I8", "M4R8K", "M4R8K2L9", "A4R8", "M4_R8", "Ⅿ4R8"],
)
def test_what_cannot_be_a_code_is_refused_with_what_a_code_is(typed):
    with pytest.raises(ValidationError, match="looks like M4R8") as refused:
        request(contact=typed)
    assert [error["loc"] for error in refused.value.errors()] == [("contact",)]


def test_the_same_needs_are_the_same_whatever_their_order():
    assert request(needs=["babies", "pets", "babies"]).needs == request(needs=["pets", "babies"]).needs
    for needs in (["smoker"], "pets", ["pets"] * 4, [None]):
        with pytest.raises(ValidationError):
            request(needs=needs)


@pytest.mark.parametrize("area", ["", "Paris 18", "PARIS", "7" * 21, "75018\n", "près", 75018])
def test_an_area_is_a_short_slug(area):
    assert request(area="75018").area == "75018"
    with pytest.raises(ValidationError):
        request(area=area)


@pytest.mark.parametrize(
    "said",
    [
        {"outcome": "oriented"},
        {"outcome": "oriented", "reason": "no_place"},
        {"outcome": "oriented", "hold": "K7Q2"},
        {"outcome": "unmet"},
        {"outcome": "unmet", "reason": None},
        {"outcome": "unmet", "reason": "why not"},
        {"outcome": "unmet", "reason": "no_place", "hold": ID},
        {"outcome": "open"},
        {"reason": "no_place"},
        {},
    ],
)
def test_an_outcome_is_oriented_with_a_hold_or_unmet_with_a_reason(said):
    OutcomeBody.model_validate({"id": ID, "outcome": "unmet", "reason": "too_far"})
    OutcomeBody.model_validate({"id": ID, "outcome": "oriented", "hold": ID})
    with pytest.raises(ValidationError):
        OutcomeBody.model_validate({"id": ID, **said})


@pytest.mark.parametrize(
    "night", ["tonight", "", "2026-02-30", "20261122", "2026-W47-7", "2026-11-22T00:00:00Z", "1795387267", "1999-12-31",
              "2200-01-01", "٢٠٢٦-١١-٢٢"]
)  # fmt: skip
def test_a_night_is_named_by_a_day_of_our_time(night):
    assert str(RequestsQuery.model_validate({"night": "2026-11-22"}).night) == "2026-11-22"
    with pytest.raises(ValidationError):
        RequestsQuery.model_validate({"night": night})
