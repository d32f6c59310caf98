"""Mapping files, and what is said of wrong ones."""

from pathlib import Path

import pytest

from capacity.commands.mapping import Template, read_mapping
from capacity.errors import FileRefused
from tests.commands.tables_of_ours import PARKING_MAP

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["toronto", "birmingham"])
def test_the_examples_are_mappings(name):
    mapping = read_mapping(EXAMPLES / f"{name}.toml")
    assert mapping.rows
    assert "Licence" in mapping.about


def test_a_template_with_an_empty_cell_gives_nothing():
    template = Template("{street}, {town}")
    assert template.fill({"street": "12 Quay St", "town": "Toronto"}) == "12 Quay St, Toronto"
    assert template.fill({"street": "", "town": "Toronto"}) is None


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("[time]", "[time", "this is not TOML"),
        ('unit = "place"', 'unit = "car"', "rows.0.unit: Input should be 'place'"),
        ('zone = "Europe/London"', 'zone = "Europe/Brum"', "time.zone: Value error, there is no time zone called"),
        ('kind = "shelter"', "", "site.kind: Field required"),
        ('name = "{code}"', 'name = "{code}"\ncolour = "red"', "site.colour: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_place(tmp_path, was, becomes, said):
    path = tmp_path / "map.toml"
    path.write_text(PARKING_MAP.replace(was, becomes))
    with pytest.raises(FileRefused) as refused:
        read_mapping(path)
    assert said in str(refused.value)


def test_moments_with_an_offset_of_their_own_keep_it(parking_map):
    time = parking_map.time.model_copy(update={"format": "iso"})
    assert time.moment_ms({"at": "1970-01-01T01:00:00+01:00"}) == 0
    assert time.moment_ms({"at": "2016-07-01T01:00"}) == time.moment_ms({"at": "2016-07-01T00:00Z"})


def test_an_hour_that_the_clock_showed_twice_is_the_first_of_them(parking_map):
    twice = {"at": "2016-10-30 01:30:00"}
    after = {"at": "2016-10-30 02:30:00"}
    assert parking_map.time.moment_ms(after) - parking_map.time.moment_ms(twice) == 2 * 3_600_000
