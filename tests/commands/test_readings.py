"""A mapped table becomes readings and sites; what cannot be read is told line by line."""

import pytest

from capacity.board.clocks import rfc3339
from capacity.commands.readings import read_lines, sites_of
from capacity.commands.tables import read_table
from capacity.errors import FileRefused
from capacity.vocabulary.words import Audience, Kind, Unit
from tests.commands.tables_of_ours import NIGHTS


def test_every_figure_is_read_and_several_columns_are_added_up(nights, nights_map):
    readings = read_lines(nights, nights_map).good
    assert [(each.line, each.pool, each.capacity, each.out_of_service, each.occupied) for each in readings] == [
        (2, "foyer-du-port-10.501", 22, 2, 18),
        (3, "foyer-du-port-10.502", 10, 1, 9),
        (4, "nellie-s-place-11.601", 30, None, 31),
        (5, "foyer-du-port-10.501", 22, 2, 20),
        (6, "foyer-du-port-10.502", 12, 0, 4),
    ]


def test_a_night_is_read_at_four_the_next_morning_in_its_own_zone(nights, nights_map):
    assert rfc3339(read_lines(nights, nights_map).good[0].at_ms) == "2022-01-02T09:00:00.000Z"


def test_every_line_that_cannot_be_read_says_why(nights, nights_map):
    assert [str(flaw) for flaw in read_lines(nights, nights_map).flaws] == [
        "nights.csv:7: beds_used: is no whole number: 25.5",
        "nights.csv:8: date: is no moment: unconverted data remains: 2",
        "nights.csv:9: is of no kind that the mapping names",
        "nights.csv:10: does not name its site and pool",
        "nights.csv:11: says no figure at all",
    ]


def test_negative_figures_are_refused_and_those_over_capacity_are_facts(parking, parking_map):
    readings = read_lines(parking, parking_map)
    assert [str(flaw) for flaw in readings.flaws] == [
        "parking.csv:7: inside: is negative: -3",
        "parking.csv:10: inside: is no number: 'many'",
    ]
    assert readings.over_capacity() == 1


def test_repeated_keys_are_counted_and_all_kept(parking, parking_map):
    readings = read_lines(parking, parking_map)
    assert readings.repeated() == 2
    assert len(readings.good) == 8


@pytest.mark.parametrize("figure", ["nan", "inf", "1e9", "0x10", "100001"])
def test_what_only_looks_like_a_figure_is_refused(parking_map, figure):
    table = read_table(f"code,room,inside,at\nA,100,{figure},2016-10-04 08:00:00\n", "f")
    assert len(read_lines(table, parking_map).flaws) == 1


def test_lines_of_another_length_are_among_the_flaws_in_their_place(parking_map):
    table = read_table("code,room,inside,at\nA,100\nA,100,-1,2016-10-04 08:00:00\n", "f")
    assert [flaw.line for flaw in read_lines(table, parking_map).flaws] == [2, 3]


def test_a_table_that_lacks_a_column_of_the_mapping_is_refused(nights, parking_map):
    with pytest.raises(FileRefused, match=r"nights\.csv:1: room: is missing; did you mean 'rooms'"):
        read_lines(nights, parking_map)


def test_the_sites_and_pools_of_a_table_are_as_its_first_lines_say(nights, nights_map):
    port, _ = sites_of(nights, nights_map)
    assert (port.id, port.name, port.kind) == ("foyer-du-port-10", "Foyer du Port", Kind.SOCIAL_HOTEL)
    assert port.address == "12 Quay St, Toronto"
    assert [(pool.id, pool.unit, pool.audience, pool.capacity) for pool in port.pools] == [
        ("foyer-du-port-10.501", Unit.BED, Audience.WOMEN, 22),
        ("foyer-du-port-10.502", Unit.ROOM, Audience.FAMILIES, 10),
    ]


def test_a_site_without_an_address_stays_without_one(nights, nights_map):
    assert [site.address for site in sites_of(nights, nights_map)] == ["12 Quay St, Toronto", None]


def test_a_pool_counted_in_two_units_is_refused(nights_map):
    lines = NIGHTS.splitlines()
    other = lines[2].replace(",502,", ",501,")
    with pytest.raises(FileRefused, match=r"f:3: foyer-du-port-10\.501 is counted in rooms here and in beds on line 2"):
        sites_of(read_table("\n".join([lines[0], lines[1], other]), "f"), nights_map)
