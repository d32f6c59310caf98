"""The comparison of history and file sees every difference."""

import pytest

from capacity.commands.planning import plan
from capacity.commands.readings import read_lines
from capacity.commands.verifying import differences, expected_points, missing

START_MS = 1_795_300_000_000


@pytest.fixture
def sendings(parking, parking_map):
    return plan(read_lines(parking, parking_map).good, START_MS, speed=3600, run=0)


def test_the_expected_history_has_one_point_a_moment_with_the_later_line_of_a_tie(sendings):
    points = expected_points(sendings)["north-1.places"]
    assert [(point["capacity"], point["occupied"], point["free"]) for point in points] == [
        (100, 40, 60), (100, 55, 45), (100, 58, 42),
    ]  # fmt: skip


def test_a_pool_over_capacity_has_none_free(sendings):
    points = expected_points(sendings)["south-2.places"]
    assert [(point["occupied"], point["free"]) for point in points] == [(49, 1), (63, 0), (45, 0)]


def test_the_same_history_differs_in_nothing(sendings):
    sent = expected_points(sendings)["south-2.places"]
    told = [{**point, "held": 0} for point in sent]
    assert differences("p", sent, told) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told[:-1],
        lambda told: [*told, {**told[0], "at": "2030-01-01T00:00:00.000Z"}],
        lambda told: [{**told[0], "occupied": 48}, *told[1:]],
        lambda told: [{**told[0], "free": 0}, *told[1:]],
        lambda told: [{**told[0], "at": "2026-11-20T00:00:00.000Z"}, *told[1:]],
    ],
)
def test_whatever_is_missing_added_or_changed_is_a_difference(sendings, spoil):
    sent = expected_points(sendings)["south-2.places"]
    assert differences("p", sent, spoil(sent))


def test_the_ledger_must_have_each_report_once_as_it_was_sent(sendings):
    commands = [{**each.report, "seq": number} for number, each in enumerate(sendings)]
    assert missing(sendings, commands) == []
    assert len(missing(sendings, commands[1:])) == 1
    assert len(missing(sendings, [*commands, commands[0]])) == 1
    commands[0] = {**commands[0], "capacity": 7}
    assert len(missing(sendings, commands)) == 1
