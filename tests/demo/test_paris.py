"""The demo says what is real, says what is not, and adds up."""

import re
from math import cos, hypot, radians

import pytest

from capacity.demo import paris
from capacity.vocabulary.words import Kind, Unit
from capacity.wire.registry import Site

REAL = {
    "halte-hotel-de-ville", "cite-des-dames", "halte-mairie-5e", "halte-mairie-18e", "halte-mairie-10e",
    "bains-douches-12e",
}  # fmt: skip
OPENING_HOURS = re.compile(
    r"24/7|(?:(?:Nov-Mar )?(?:Mo|Tu)-(?:Fr|Sa|Su)|Su)(?: \d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)?)"
)


@pytest.fixture(scope="module")
def sites() -> list[Site]:
    return paris.sites()


def of_kind(sites: list[Site], kind: Kind) -> list[Site]:
    return [site for site in sites if site.kind is kind]


def metres_between(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    east = (lon - other_lon) * cos(radians(lat))
    return hypot(lat - other_lat, east) * paris.METRES_A_DEGREE


def arrondissement(site: Site) -> int:
    return int(re.search(r"\b750(\d\d) Paris$", site.address)[1])


def test_there_are_300_sites_and_600_pools(sites):
    assert len({site.id for site in sites}) == len(sites) == 300
    assert len({pool.id for site in sites for pool in site.pools}) == 600


def test_every_making_of_it_is_the_same(sites):
    assert paris.sites() == sites


def test_the_totals_of_the_city_are_met_exactly(sites):
    pools = [pool for site in sites for pool in site.pools]
    assert len(of_kind(sites, Kind.BATHHOUSE)) == 17
    assert len(of_kind(sites, Kind.RESTAURANT)) == 12
    assert len(of_kind(sites, Kind.ESI)) == 16
    assert sum(pool.capacity for pool in pools if pool.unit is Unit.LOCKER) == 455
    assert sum(paris.places(pool) for pool in pools if pool.unit in paris.SLEEPING_UNITS) == 23_000


def test_lockers_are_in_bagageries_only_and_beds_where_people_sleep_only(sites):
    sleeping_kinds = set(paris.plan()["totals"]["sleeping_kinds"])
    for site in sites:
        units = {pool.unit for pool in site.pools}
        assert (site.kind is Kind.LUGGAGE) == (Unit.LOCKER in units)
        assert (site.kind in sleeping_kinds) == bool(units & paris.SLEEPING_UNITS)


def test_the_halte_of_the_hotel_de_ville_has_39_places_for_women(sites):
    halte = next(site for site in sites if site.id == "halte-hotel-de-ville")
    assert halte.kind is Kind.WOMEN_HALTE
    assert halte.opening_hours == "24/7"
    assert [(pool.id, pool.unit, pool.capacity) for pool in halte.pools] == [
        ("halte-hotel-de-ville.women", Unit.PLACE, 39)
    ]


def test_whatever_is_invented_says_so_in_its_name(sites):
    assert {site.id for site in sites if "(démo)" not in site.name} == REAL
    for site in sites:
        if site.id not in REAL:
            assert site.name.endswith("(démo)")
            assert site.organisation.endswith("(démo)")
            assert re.fullmatch(r"750\d\d Paris", site.address), "an invented site has no street"


def test_only_invented_sites_have_a_telephone_number_and_none_of_them_rings(sites):
    for site in sites:
        if "(démo)" in site.name:
            assert site.phone.startswith("01 99 00 ")
        else:
            assert site.phone is None
    phones = [site.phone for site in sites if site.phone]
    assert len(set(phones)) == len(phones)


def test_every_arrondissement_has_sites(sites):
    assert {arrondissement(site) for site in sites} == set(range(1, 21))


def test_every_invented_site_lies_in_the_circle_of_its_arrondissement(sites):
    circles = [each["circle"] for each in paris.plan()["arrondissement"]]
    for site in sites:
        if site.id not in REAL:
            circle = circles[arrondissement(site) - 1]
            away = metres_between(site.position.lat, site.position.lon, circle["lat"], circle["lon"])
            assert away <= circle["metres"] + 2


def test_no_two_circles_touch():
    circles = [each["circle"] for each in paris.plan()["arrondissement"]]
    for index, one in enumerate(circles):
        for other in circles[:index]:
            between = metres_between(one["lat"], one["lon"], other["lat"], other["lon"])
            assert between > one["metres"] + other["metres"]


def test_every_real_site_is_nearest_to_its_own_arrondissement(sites):
    circles = [each["circle"] for each in paris.plan()["arrondissement"]]
    for site in sites:
        if site.id in REAL:
            away = [metres_between(site.position.lat, site.position.lon, c["lat"], c["lon"]) for c in circles]
            assert away.index(min(away)) + 1 == arrondissement(site)


def test_opening_hours_are_in_the_syntax_of_openstreetmap(sites):
    for site in sites:
        for rule in site.opening_hours.split("; "):
            assert OPENING_HOURS.fullmatch(rule), rule


def test_rooms_say_for_how_many_and_nothing_else_does(sites):
    for site in sites:
        for pool in site.pools:
            assert (pool.unit is Unit.ROOM) == (pool.sleeps is not None)
            assert pool.capacity > 0
