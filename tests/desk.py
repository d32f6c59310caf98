"""An operator's desk: opens requests and gives them their outcomes, as the service takes them."""

from capacity.wire.parties import Party
from capacity.wire.requests import OutcomeBody, RequestBody
from tests.world import World, new_id, site


class Desk:
    def __init__(self, world: World) -> None:
        self.world = world
        self.requesting = world.requesting

    async def open(self, request_id=None, *, women=1, territory=None, **more):
        """A request of so many women, unless another party is given."""
        said = {"id": request_id or new_id(), "party": {"women": women}, **more}
        return await self.requesting.open(territory or self.world.name, RequestBody.model_validate(said))

    async def orient(self, request_id, hold, command=None):
        return await self._close(request_id, {"id": command or new_id(), "outcome": "oriented", "hold": hold})

    async def refuse(self, request_id, reason="no_place", command=None):
        return await self._close(request_id, {"id": command or new_id(), "outcome": "unmet", "reason": reason})

    async def find_nothing(self, women=1, needs=(), channel="115"):
        await self.requesting.search_empty(self.world.name, Party(women=women), needs, channel)

    async def tonight(self):
        return await self.world.tallying.of_night(self.world.name, self.world.tallying.tonight())

    async def summary(self):
        return (await self.tonight()).summary()

    async def _close(self, request_id, said):
        return await self.requesting.close(self.world.name, request_id, OutcomeBody.model_validate(said).root)


async def desk_in(world: World) -> Desk:
    """A desk in a territory that is open."""
    await world.put(site("halte", "halte.women"))
    return Desk(world)
