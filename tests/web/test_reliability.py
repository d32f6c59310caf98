"""How far sites keep their word, and where the sides disagree, over HTTP."""

from capacity.wire.reliability import Disagreements, ReliabilityOfSites
from tests.lives import POOLS, Life
from tests.web_fixtures import is_problem
from tests.world import NOW_MS

POOL = POOLS[0]


async def test_a_site_is_told_with_its_numerator_and_denominator(client, world):
    life = Life(world)
    await life.begin()
    world.clock.now_ms = NOW_MS
    await life.hold({POOL: 1}, 30, "115")
    await life.arrive(0, fewer=False)
    await life.hold({POOL: 2}, 30, "115")
    await life.release(1, "full_on_arrival")
    await life.tell(1, "site", "no_show")
    await world.recording.catch_up(world.name)

    answer = await client.get(f"/v1/territories/{world.name}/reliability")
    assert answer.json() == {
        "sites": [
            {
                "site": "halte", "kept": 1, "of": 2, "nights": 30, "arrived": 1, "full_on_arrival": 1, "refused": 0,
                "no_show": 0, "expired": 0,
            }
        ]
    }  # fmt: skip
    ReliabilityOfSites.model_validate(answer.json())

    answer = await client.get(f"/v1/territories/{world.name}/disagreements")
    at = "2026-11-22T22:41:07.120Z"
    assert answer.json() == {
        "disagreements": [
            {
                "hold": life.holds[1][0], "pools": [POOL], "site": "halte",
                "ended": {"as": "full_on_arrival", "at": at}, "free": [{"pool": POOL, "free": 9}],
                "statements": [{"side": "site", "says": "no_show", "at": at}],
            }
        ]
    }  # fmt: skip
    Disagreements.model_validate(answer.json())


async def test_an_unknown_territory_is_a_problem(client):
    for what in ("reliability", "disagreements"):
        assert is_problem(await client.get(f"/v1/territories/nowhere/{what}"), 404, "unknown-territory")
        assert is_problem(await client.get(f"/v1/territories/NO SLUG/{what}"), 404, "unknown-territory")
