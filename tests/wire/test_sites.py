"""Sites as they come in: what is kept exactly, and what is refused."""

import json

import pytest
from pydantic import ValidationError

from capacity.wire.registry import Site, site_adapter

POOL = {"id": "halte.women", "audience": "women", "capacity": 39}
SITE = {"id": "halte", "name": "Halte", "kind": "women_halte", "pools": [POOL]}


def read(**changes) -> Site:
    return site_adapter.validate_json(json.dumps({**SITE, **changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "Halte"}, {"id": "a--b"}, {"id": "-a"}, {"id": "a.b"}, {"id": "a" * 81}, {"id": ""}, {"id": None},
        {"name": ""}, {"name": "   "}, {"name": "a" * 201}, {"name": "a\x00b"}, {"name": 7}, {"name": None},
        {"address": "\x00"}, {"organisation": ""}, {"opening_hours": "x" * 201},
        {"kind": "hotel"}, {"kind": None}, {"visibility": "secret"},
        {"position": {"lat": 91, "lon": 2}}, {"position": {"lat": 48}}, {"position": [48, 2]},
        {"position": {"lat": 48, "lon": 2, "height": 35}},
        {"phone": "call me"}, {"phone": "1"}, {"phone": "0" * 40},
        {"pools": None}, {"pools": [POOL, POOL]}, {"pools": [POOL] * 101}, {"pools": "halte.women"},
        {"pools": [{**POOL, "id": "Halte.Women"}]}, {"pools": [{**POOL, "id": "a..b"}]},
        {"pools": [{**POOL, "id": "a" * 121}]}, {"pools": [{**POOL, "capacity": -1}]},
        {"pools": [{**POOL, "capacity": 100_001}]}, {"pools": [{**POOL, "capacity": "39"}]},
        {"pools": [{**POOL, "capacity": True}]}, {"pools": [{**POOL, "capacity": None}]},
        {"pools": [{**POOL, "fresh_for": 59}]}, {"pools": [{**POOL, "fresh_for": 604_801}]},
        {"pools": [{**POOL, "unit": "sofa"}]}, {"pools": [{**POOL, "audience": "all"}]},
        {"pools": [{**POOL, "sleeps": 2}]}, {"pools": [{**POOL, "traits": ["pets", "pets"]}]},
        {"pools": [{**POOL, "traits": ["wifi"]}]}, {"pools": [{**POOL, "occupied": 3}]},
        {"reminder_hours": None}, {"reminder_hours": "22:00"}, {"reminder_hours": ["24:00"]},
        {"reminder_hours": ["9:00"]}, {"reminder_hours": ["22:00", "22:00"]}, {"reminder_hours": ["22h00"]},
        {"reminder_hours": [f"{hour:02}:00" for hour in range(13)]},
        {"owner": "x"},
    ],
)  # fmt: skip
def test_a_site_that_is_not_of_the_shape_is_refused(changes):
    with pytest.raises(ValidationError):
        read(**changes)


@pytest.mark.parametrize(
    "name",
    [
        "Halte « Hôtel de Ville » — 4ᵉ", "it's; DROP TABLE sites; --", 'quotes " and \\ strokes', "a\nb\tc",
        "é" * 200, "🏠" * 200, "مأوى النساء", "e\u0301", "\u200bzero", "{75}:meta", "%s $1 :x", "</script>",
    ],
)  # fmt: skip
def test_odd_text_is_kept_sign_by_sign(name):
    assert read(name=name).name == name


def test_a_pool_has_its_defaults():
    (pool,) = read().pools
    assert (pool.unit, pool.sleeps, pool.traits, pool.fresh_for) == ("place", None, (), 7_200)


def test_reminder_hours_are_told_only_where_a_site_has_some():
    assert "reminder_hours" not in json.loads(read().model_dump_json())
    asked = read(reminder_hours=["22:00", "02:00"])
    assert json.loads(asked.model_dump_json())["reminder_hours"] == ["22:00", "02:00"]
