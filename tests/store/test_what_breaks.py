"""A key that something foreign has spoilt: what stands beside it in the same call is kept, and no number is lost."""

import pytest

from capacity.errors import StoreUnavailable
from capacity.store.holds import HoldStore
from tests.store.test_holds_edges import hold, moment
from tests.world import MINUTE_MS, report, standing_on

WOMEN, MEN, FAMILIES = "halte.women", "halte.men", "halte.families"


@pytest.fixture
async def ground(redis_url, territory):
    async with standing_on(redis_url, territory) as ground:
        await ground.open(WOMEN, MEN, FAMILIES)
        yield ground


async def numbers_are_whole(ground):
    """The board stands at the stream's last number, and there is none missing before it."""
    seqs = [entry.seq for entry in await ground.stream()]
    assert seqs == list(range(1, await ground.seq() + 1))


async def test_reports_of_a_batch_stand_when_one_between_them_breaks(ground):
    await ground.redis.set(ground.keys.movements(MEN), "spoilt")
    batch = [
        report("count", WOMEN, occupied=4),
        report("movement", MEN, delta=1),
        report("count", FAMILIES, occupied=7),
    ]
    with pytest.raises(StoreUnavailable):
        await ground.post(*batch)
    rows = await ground.rows()
    assert (rows[WOMEN]["occupied"], rows[FAMILIES]["occupied"]) == (4, 7)
    await numbers_are_whole(ground)
    [again] = await ground.post(batch[2])
    assert again["outcome"] == "duplicate"


async def test_holds_that_end_before_one_that_breaks_have_ended(ground):
    store = HoldStore(ground.live)
    await hold(ground, store, 1, (WOMEN, 2), minutes=5)
    await hold(ground, store, 2, (MEN, 1), minutes=6)
    await ground.redis.set(ground.keys.facts(MEN), "spoilt")
    with pytest.raises(StoreUnavailable):
        await store.expire(ground.name, moment(ground.clock.forward(7 * MINUTE_MS)), 50)
    assert (await ground.rows())[WOMEN]["held"] == 0
    await numbers_are_whole(ground)
