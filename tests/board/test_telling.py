"""What everybody is told of a pool: a word that may be believed, never a number."""

import pytest

from capacity.board.contingents import Contingent
from capacity.board.freshness import bounds
from capacity.board.telling import room_in
from capacity.board.vacancies import Vacancy
from capacity.vocabulary.finding import Doors
from capacity.vocabulary.public import DailyNeed, Room, need_of
from capacity.vocabulary.words import Freshness, Kind, Status, Unit
from tests.world import HOUR_MS, NOW_MS


def vacancy(free, *, ago_ms=0, **fields):
    fresh_until_ms, ageing_until_ms = bounds(NOW_MS - ago_ms, 3600)
    return Vacancy(
        "p", "s", free, NOW_MS - ago_ms, "", fresh_until_ms, ageing_until_ms, Freshness.STALE, **fields
    )  # fmt: skip


@pytest.mark.parametrize(
    ("free", "capacity", "room"),
    [
        (0, 40, Room.FULL),
        (1, 40, Room.FEW),
        (4, 40, Room.FEW),
        (5, 40, Room.PLACES),
        (2, 3, Room.FEW),
        (3, 3, "places"),
    ],
)
def test_free_places_are_a_word(free, capacity, room):
    assert room_in(vacancy(free), capacity, Doors.OPEN, NOW_MS) == room


@pytest.mark.parametrize("free", [0, 30])
def test_what_is_stale_or_unknown_is_asked_by_phone_be_it_free_or_full(free):
    assert room_in(vacancy(free, ago_ms=3 * HOUR_MS), 40, Doors.OPEN, NOW_MS) is not Room.ASK
    assert room_in(vacancy(free, ago_ms=3 * HOUR_MS + 1), 40, Doors.OPEN, NOW_MS) is Room.ASK
    assert room_in(None, 40, Doors.OPEN, NOW_MS) is Room.ASK


@pytest.mark.parametrize("status", [Status.CLOSED, Status.SUSPENDED])
def test_nothing_is_told_of_a_pool_that_is_shut(status):
    assert room_in(vacancy(9, status=status), 40, Doors.OPEN, NOW_MS) is Room.SHUT
    assert room_in(vacancy(9), 40, Doors.CLOSED, NOW_MS) is Room.SHUT
    assert room_in(vacancy(0, status=Status.DRAINING), 40, Doors.UNKNOWN, NOW_MS) is Room.FULL


def test_places_that_are_kept_for_a_team_are_not_everybodys():
    kept = (Contingent("maraude", 9, NOW_MS + HOUR_MS),)
    assert room_in(vacancy(9, contingents=kept), 40, Doors.OPEN, NOW_MS) is Room.FULL


def test_every_kind_of_site_has_something_that_people_come_for():
    assert {need_of(Unit.PLACE, kind) for kind in Kind} == set(DailyNeed)
    assert need_of(Unit.SHOWER, Kind.SHELTER) is DailyNeed.SHOWER
    assert need_of(Unit.BED, Kind.NIGHT_HALTE) is DailyNeed.SLEEP
