"""When held places come back: a wall may know it, and nothing else of a hold. Laws 9 and 10."""

import pytest

from capacity.vocabulary.roles import Role
from tests.access.conftest import SECRET_POOL, TELLTALES
from tests.world import new_id


class Wall:
    """A wall of the city, and the desk that holds places."""

    def __init__(self, client, city, keys):
        self.client, self.base, self.keys = client, f"/v1/territories/{city.name}", keys

    async def hold(self, pool, places, minutes):
        body = {
            "id": new_id(),
            "lines": [{"pool": pool, "places": places}],
            "minutes": minutes,
            "party": {"women": 1, "men": 0, "children": 1},
        }
        answer = await self.client.post(f"{self.base}/holds", json=body, headers=await self.keys.of(Role.OPERATOR))
        assert answer.status_code == 201, answer.text
        return answer.json()["hold"]

    async def told(self, role=Role.WALL):
        return await self.client.get(f"{self.base}/expiries", headers=await self.keys.of(role))


@pytest.fixture
def wall(client, city, keys):
    return Wall(client, city, keys)


async def test_a_wall_hears_the_pool_the_places_and_the_end_and_no_more(wall):
    later = await wall.hold("foyer.women", 1, 90)
    sooner = await wall.hold("halte.women", 2, 15)
    answer = await wall.told()
    assert answer.json() == {
        "expiries": [
            {"pool": "halte.women", "places": 2, "expires_at": sooner["expires_at"]},
            {"pool": "foyer.women", "places": 1, "expires_at": later["expires_at"]},
        ]
    }
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("role", [Role.WALL, Role.OPERATOR, Role.ADMIN])
async def test_a_hold_at_a_protected_site_is_told_to_nobody_who_may_be_passed(wall, role):
    await wall.hold(SECRET_POOL, 2, 15)
    answer = await wall.told(role)
    assert answer.json() == {"expiries": []}
    assert not any(word in answer.text for word in TELLTALES)


async def test_a_hold_that_has_ended_is_not_told(wall):
    hold = await wall.hold("halte.women", 2, 15)
    await wall.client.post(
        f"{wall.base}/holds/{hold['id']}/release",
        json={"id": new_id(), "reason": "cancelled"},
        headers=await wall.keys.of(Role.OPERATOR),
    )
    assert (await wall.told()).json() == {"expiries": []}
