"""Law 5 where everybody wants the same places at once, through two servers."""

import asyncio
import itertools
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from tests.crash.serving import Line, line_to, serve_process
from tests.tokens import admin_of
from tests.world import command_id, site, world_of

pytestmark = pytest.mark.crash

POOL = "halte.women"
PLACES = 39
HOLDS, CONNECTIONS = 10_000, 50
PATIENCE_SECONDS = 90


class Race:
    """Ten thousand teams who all ask for one place; what each was told."""

    def __init__(self, territory: str) -> None:
        self.address = f"/v1/territories/{territory}/holds"
        self.numbers = itertools.count(1)
        self.told: Counter[tuple[int, str]] = Counter()
        self.granted: dict[str, dict] = {}

    async def run(self, line: Line) -> None:
        while (number := next(self.numbers)) <= HOLDS:
            hold_id = command_id(number)
            body = {"id": hold_id, "lines": [{"pool": POOL, "places": 1}], "minutes": 45}
            status, said = await line.ask("POST", self.address, body)
            self.told[status, said.get("type", "granted")] += 1
            if status == 201:
                self.granted[hold_id] = said["hold"]


async def test_of_ten_thousand_holds_through_two_servers_as_many_are_granted_as_there_are_places(
    redis_url: str, database: str, territory: str
):
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(world_of(redis_url, database, territory))
        await world.put(site("halte", {"id": POOL, "capacity": PLACES}))
        servers = [await stack.enter_async_context(serve_process(redis_url, database)) for _ in range(2)]
        await asyncio.gather(*(server.until_ready() for server in servers))
        ports = itertools.cycle(server.port for server in servers)
        token = await admin_of(database, territory)
        lines = [await stack.enter_async_context(line_to(next(ports), token)) for _ in range(CONNECTIONS)]

        race = Race(territory)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(race.run(line) for line in lines))

        assert race.told == {(201, "granted"): PLACES, (409, "/problems/no-free-place"): HOLDS - PLACES}
        row = (await world.rows())[POOL]
        assert (row["held"], row["free"], row["over"]) == (PLACES, 0, 0)
        created = [command for command in await world.commands() if command["type"] == "hold_created"]
        assert sorted(command["hold"] for command in created) == sorted(race.granted)
        assert sorted(hold["seq"] for hold in race.granted.values()) == [command["seq"] for command in created]
        assert len({hold["code"] for hold in race.granted.values()}) == PLACES
        _, listed = await lines[0].ask("GET", race.address)
        assert sorted(hold["id"] for hold in listed["holds"]) == sorted(race.granted)
