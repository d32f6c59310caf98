"""The demo's evening fits the demo's reports, whatever the hour at which somebody opens it."""

import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.board.clocks import to_ms
from capacity.board.nights import ZONE
from capacity.demo import paris
from capacity.demo.first_evening import VISITS, first_evening
from capacity.demo.first_reports import first_reports, places_left
from capacity.vocabulary.words import Channel
from capacity.wire.holds import ContingentsBody, HoldBody
from capacity.wire.requests import RequestBody

NOW_MS = 1_795_300_000_000
MINUTE_MS = 60_000
SITES = paris.sites()
POOLS = {pool.id: pool for site in SITES for pool in site.pools}


def evening_at(now_ms):
    return first_evening(SITES, first_reports(SITES, now_ms), now_ms)


@pytest.fixture(scope="module")
def evening():
    return evening_at(NOW_MS)


def test_everybody_finds_a_place_but_those_who_are_to_find_none(evening):
    for visit, line in evening.visits:
        assert (line is None) == (visit.audience is None), visit.key


def test_a_hold_is_for_their_audience_and_for_all_of_them(evening):
    for visit, line in evening.visits:
        if line:
            pool = POOLS[line["pool"]]
            assert pool.audience is visit.audience
            assert line["places"] * (pool.sleeps or 1) >= sum(visit.party.values())
            assert set(visit.needs) <= set(pool.traits)


def test_no_pool_is_asked_for_more_than_its_reports_leave(evening):
    left = places_left(SITES, first_reports(SITES, NOW_MS), NOW_MS)
    for _, line in evening.visits:
        if line:
            left[line["pool"]] -= line["places"]
    assert min(left.values()) >= 0


def test_it_is_the_same_at_every_call_but_for_its_hours(evening):
    assert evening_at(NOW_MS + MINUTE_MS).visits == evening.visits
    ids = [visit.id(what) for visit in VISITS for what in ("request", "hold", "outcome")]
    assert len(set(ids)) == len(ids)


def test_each_is_a_body_as_the_wire_has_it(evening):
    for visit, line in evening.visits:
        about = {"id": visit.id("request"), "party": visit.party, "channel": visit.channel}
        RequestBody.model_validate_json(json.dumps({**about, "needs": visit.needs, "area": visit.area}))
        if line:
            HoldBody.model_validate_json(json.dumps({**about, "lines": [line], "minutes": visit.minutes}))
    for contingents in evening.kept.values():
        ContingentsBody.model_validate_json(json.dumps({"contingents": contingents}))


@settings(max_examples=50)
@given(st.integers(NOW_MS, NOW_MS + 366 * 24 * 60 * MINUTE_MS))
def test_places_are_kept_until_eleven_or_six_by_the_clocks_of_paris_and_never_just_about_to_end(now_ms):
    for (contingent,) in list(evening_at(now_ms).kept.values())[:1]:
        assert contingent["channel"] is Channel.MARAUDE
        until = datetime.fromisoformat(contingent["until"]).astimezone(ZONE)
        assert (until.hour, until.minute) in {(23, 0), (6, 0)}
        assert now_ms + 30 * MINUTE_MS <= to_ms(until) <= now_ms + 19 * 60 * MINUTE_MS
