"""A territory with a public, a professional and a protected site, and a key for everybody who may look at it."""

import pytest

from capacity.board.access import NOBODY, Grant
from capacity.services.admitting import Admitting
from capacity.store.credentials import CredentialKind
from capacity.vocabulary.roles import Role
from tests.web_fixtures import client, http, served, world
from tests.world import report, site

CANARY = "canary"
REFUGE = "refuge-canary"
SECRET_POOL, SECRET_FAMILIES = "refuge-canary.women", "refuge-canary.families"
PROTECTED = site(
    REFUGE,
    {"id": SECRET_POOL, "capacity": 12},
    {"id": SECRET_FAMILIES, "audience": "families", "unit": "room", "sleeps": 4, "capacity": 3},
    name="Maison Canary",
    kind="family_halte",
    visibility="protected",
    address="7 rue du Canary, 75011 Paris",
    position={"lat": 48.8531337, "lon": 2.3791337},
    phone="01 99 00 77 77",
    opening_hours="Mo-Su 17:17-07:07",
    organisation="Association Canary",
)
TELLTALES = (CANARY, "Canary", "48.8531337", "2.3791337", "01 99 00 77 77", "17:17")
"""What nobody may see who may not know the site."""


class Keys:
    """Makes bearer tokens of a world."""

    def __init__(self, world):
        self.world = world

    async def of(self, role, *sites):
        """The headers of somebody in this role."""
        admitting = Admitting(self.world.credentials, clock=self.world.clock)
        grants = {self.world.name: Grant(role, frozenset(sites))}
        made = await admitting.admit(CredentialKind.TOKEN, "test", lasts=None, grants=grants)
        await self.world.doorkeeper.look()
        return {"Authorization": f"Bearer {made.secret}"}


@pytest.fixture
def keys(world):
    return Keys(world)


@pytest.fixture
async def city(world):
    """The world with its three sites, each reported on, where nobody is somebody without a key."""
    world.doorkeeper._nobody = NOBODY
    for one in (
        site("halte", "halte.women"),
        site("foyer", "foyer.women", visibility="professional", name="Foyer"),
        PROTECTED,
    ):
        await world.put(one)
    await world.post(
        report("count", "halte.women", occupied=4),
        report("count", "foyer.women", occupied=5),
        report("count", SECRET_POOL, occupied=6),
        report("count", SECRET_FAMILIES, occupied=1),
    )
    world.clock.forward(1_000)
    return world


ROLES = {
    "admin": (Role.ADMIN,),
    "operator": (Role.OPERATOR,),
    "maraude": (Role.MARAUDE,),
    "wall": (Role.WALL,),
    "staff": (Role.STAFF, "halte"),
    "own staff": (Role.STAFF, REFUGE),
    "integration": (Role.INTEGRATION, "halte"),
    "own integration": (Role.INTEGRATION, REFUGE),
}
"""Who there is, beside the public."""
KNOW_THE_REFUGE = {"admin", "operator", "own staff", "own integration"}

__all__ = ["client", "http", "served", "world"]
