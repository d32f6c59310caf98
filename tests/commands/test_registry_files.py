"""The registry goes out to files and comes back the same; what is wrong in a file is told by line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.commands.registry_csv import COLUMNS, read_csv, write_csv
from capacity.commands.registry_json import read_json, write_json
from capacity.demo import paris
from capacity.errors import FileRefused
from capacity.vocabulary.words import Audience, Kind, Trait, Unit, Visibility
from capacity.wire.registry import Pool, Position, Site

HEADER = "site,name,kind,pool,unit,sleeps,audience,capacity\n"

words = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=30).filter(
    lambda text: text.strip() == text
)
degrees = st.floats(-90, 90, allow_nan=False)


@st.composite
def site_lists(draw):
    return [
        Site(
            id=f"site-{number}",
            name=draw(words),
            kind=draw(st.sampled_from(Kind)),
            visibility=draw(st.sampled_from(Visibility)),
            address=draw(st.none() | words),
            organisation=draw(st.none() | words),
            phone=draw(st.none() | st.just("+33 1 00 00 00 00")),
            opening_hours=draw(st.none() | words),
            reminder_hours=tuple(draw(st.lists(st.sampled_from(["22:00", "02:00", "07:30"]), unique=True))),
            position=draw(st.none() | st.builds(Position, lat=degrees, lon=degrees)),
            pools=tuple(draw(pools(number, index)) for index in range(draw(st.integers(0, 3)))),
        )
        for number in range(draw(st.integers(1, 4)))
    ]


@st.composite
def pools(draw, site, index):
    unit = draw(st.sampled_from(Unit))
    return Pool(
        id=f"site-{site}.{index}",
        unit=unit,
        sleeps=draw(st.none() | st.integers(1, 50)) if unit is Unit.ROOM else None,
        audience=draw(st.sampled_from(Audience)),
        traits=tuple(draw(st.lists(st.sampled_from(Trait), unique=True))),
        capacity=draw(st.integers(0, 100_000)),
        fresh_for=draw(st.integers(60, 604_800)),
    )


@given(site_lists(), st.sampled_from(",;"))
def test_csv_gives_back_what_was_written(sites, separator):
    assert read_csv(write_csv(sites, separator=separator), "f") == sites


@given(site_lists())
def test_json_gives_back_what_was_written(sites):
    assert read_json(write_json(sites), "f") == sites


def test_the_whole_demo_goes_through_both():
    sites = paris.sites()
    assert read_csv(write_csv(sites), "f") == sites
    assert read_json(write_json(sites), "f") == sites


def test_csv_has_one_line_a_pool():
    lines = write_csv(paris.sites()).splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert len(lines) == 601


def test_the_columns_of_a_site_may_stay_blank_after_its_first_line():
    (site,) = read_csv(HEADER + "a,Halte,shelter,a.men,bed,,men,3\na,,,a.women,bed,,women,4\n", "f")
    assert [pool.capacity for pool in site.pools] == [3, 4]


def test_french_excel_is_read():
    text = "site;name;kind;lat;lon;pool;audience;capacity\na;Hôtel;shelter;48,85;2,35;a.w;women;3\n"
    (site,) = read_csv(text, "f")
    assert site.position == Position(lat=48.85, lon=2.35)


@pytest.mark.parametrize(
    ("lines", "flaws"),
    [
        (["a,Halte,shelter,a.men,bed,,men,many"], ["2: capacity: Input should be a valid integer"]),
        (["a,Halte,castle,a.men,bed,,men,3"], ["2: kind: Input should be 'shelter'"]),
        (["A B,Halte,shelter,a.men,bed,,men,3"], ["2: site: String should match pattern"]),
        (["a,Halte,shelter,a.men,bed,2,men,3"], ["2: : Value error, sleeps belongs to rooms only"]),
        (["a,,shelter,a.men,bed,,men,3"], ["2: name: Field required"]),
        (
            ["a,Halte,shelter,a.men,bed,,men,3", "b,Foyer,shelter,a.men,bed,,men,3"],
            ["3: pool: 'a.men' stands on line 2 already"],
        ),
        (
            ["a,Halte,shelter,a.men,bed,,men,3", "a,Foyer,shelter,a.women,bed,,women,3"],
            ["3: name: is 'Foyer' here and 'Halte' on line 2"],
        ),
        (["a,Halte"], ["2: : has 2 cells where the header has 8"]),
        (
            ["a,Halte,shelter,a.men,bed,,men,-1", "b,Halte,shelter,b.men,bath,,men,3"],
            ["2: capacity: Input should be a valid integer", "3: unit: Input should be 'place'"],
        ),
    ],
)
def test_every_flaw_of_a_csv_file_is_told_by_line(lines, flaws):
    with pytest.raises(FileRefused) as refused:
        read_csv(HEADER + "\n".join(lines), "f")
    said = [f"{flaw.line}: {flaw.column}: {flaw.message}" for flaw in refused.value.flaws]
    assert len(said) == len(flaws)
    for line, start in zip(said, flaws, strict=True):
        assert line.startswith(start)


def test_a_column_that_nobody_knows_is_told():
    with pytest.raises(FileRefused, match="f:1: colour: is no column of the registry"):
        read_csv("site,name,kind,pool,audience,capacity,colour\na,H,shelter,a.m,men,3,red\n", "f")


def test_every_flaw_of_a_json_file_is_told_by_the_line_of_its_site():
    sites = [
        {"id": "a", "name": "Halte", "kind": "shelter", "pools": [{"id": "a.m", "audience": "men", "capacity": 1}]},
        {"id": "b", "name": "Foyer", "kind": "castle"},
        {"id": "c", "name": "Foyer", "kind": "shelter", "pools": [{"id": "a.m", "audience": "men", "capacity": -1}]},
        {"id": "a", "name": "Halte", "kind": "shelter"},
    ]  # fmt: skip
    text = '{"sites": [\n' + ",\n".join(map(json.dumps, sites)) + "\n]}"
    with pytest.raises(FileRefused) as refused:
        read_json(text, "f.json")
    assert [str(flaw).partition(" should")[0] for flaw in refused.value.flaws] == [
        "f.json:3: kind: Input",
        "f.json:4: pools[0].capacity: Input",
        "f.json:5: the site a stands on line 2 already",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"sites": [\n{"id": }]}', "f:2: this is not JSON"),
        ('{"rows": []}', "f:1: this is neither"),
        ("3", "f:1: this is neither"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply|not JSON|valid dictionary"),
    ],
)
def test_json_of_another_shape_is_refused(text, said):
    with pytest.raises(FileRefused, match=said):
        read_json(text, "f")
