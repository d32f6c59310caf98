"""The instruments that tell how cost and memory grow."""

import xml.etree.ElementTree as ET

import pytest

from benchmarks import plot
from benchmarks.bed import TERRITORY
from benchmarks.growth import past as past_module
from benchmarks.growth.ledger import exponent
from benchmarks.growth.past import SECONDS_EACH, Past
from benchmarks.soak.sampling import Sample, as_long_as, growth_percent
from capacity.services.recalling import Recalling
from capacity.store.ledger import LedgerStore
from capacity.store.postgres import Database
from capacity.store.registry import RegistryStore

POOLS, MONTH = 20, 2_000


def test_the_exponent_is_0_where_cost_is_flat_1_where_it_is_linear():
    sizes = [1_000, 10_000, 100_000]
    assert exponent(sizes, [5.0, 5.0, 5.0]) == pytest.approx(0)
    assert exponent(sizes, [1.0, 10.0, 100.0]) == pytest.approx(1)


def test_what_grows_only_while_it_warms_up_does_not_grow():
    sizes = [10 * hour if hour < 6 else 60 for hour in range(25)]
    flat = [Sample(float(hour), {"serve": float(size)}, 0) for hour, size in enumerate(sizes)]
    assert growth_percent(flat, "serve") == pytest.approx(0)
    leaking = [Sample(float(hour), {"serve": 100.0 + hour}, 0) for hour in range(25)]
    assert growth_percent(leaking, "serve") == pytest.approx(100 * 24 / 115)


def test_a_day_that_took_longer_to_play_is_a_day_all_the_same():
    slow = [Sample(2.0 * hour, {"serve": 100.0 + hour}, 0) for hour in range(25)]
    assert [sample.hour for sample in as_long_as(24, slow)][-1] == 24
    assert growth_percent(as_long_as(24, slow), "serve") == pytest.approx(100 * 24 / 115)


def test_a_picture_names_its_axes_and_lines_and_keeps_them_within_its_bounds():
    drawn = plot.drawn("Memory & more", "hours", "MB", {"serve <1>": [(0, 1), (24, 97)], "record": [(0, 40), (24, 40)]})
    picture = ET.fromstring(drawn)
    said = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Memory & more", "hours", "MB", "— serve <1>", "— record", "0", "100"} <= said
    points = [line.get("points") for line in picture.iter("{http://www.w3.org/2000/svg}polyline")]
    for x, y in (point.split(",") for line in points for point in line.split()):
        assert plot.LEFT <= float(x) <= plot.WIDTH - plot.RIGHT
        assert plot.TOP <= float(y) <= plot.BOTTOM


async def test_a_past_that_repeats_itself_is_one_that_the_product_can_tell(database, monkeypatch):
    """Without a gap, with the lines of its holds, and a history of each month."""
    monkeypatch.setattr(past_module, "POOLS", POOLS)
    monkeypatch.setattr(past_module, "MONTH", MONTH)
    async with Past.on(database) as past, Database.open(database) as opened:
        await past.grow(POOLS + 2 * MONTH + 700)
        numbers = await past.connection.fetchrow("SELECT count(*), min(seq), max(seq) FROM ledger")
        assert tuple(numbers) == (POOLS + 2 * MONTH + 700, 1, POOLS + 2 * MONTH + 700)
        assert await past.connection.fetchval("SELECT count(*) FROM ledger_lines") > 300
        assert not await past.connection.fetch(
            "SELECT seq FROM ledger WHERE type LIKE 'hold%' EXCEPT SELECT seq FROM ledger_lines"
        )
        recalling = Recalling(LedgerStore(opened), RegistryStore(opened))
        for number in (1_500, 3_500):
            to_ms = int(past.at(number).timestamp() * 1000)
            span_ms = int(SECONDS_EACH * 1_000 * 1000)
            points = await recalling.history(TERRITORY, "site-0.p0", to_ms - span_ms, to_ms, None)
            assert len(points) > 10
