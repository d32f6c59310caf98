"""A short piece of the long run: `make fuzz` plays it for as long as one likes."""

import asyncio
import random

import pytest
import uvloop

from tests.hostile.playing import ROUNDS
from tests.hostile.stage import stage_on


@pytest.mark.parametrize("kind", ROUNDS)
def test_some_rounds_of_hostile_input_on_the_servers_own_event_loop(redis_url, database, territory, kind):
    async def play():
        async with stage_on(redis_url, database, territory) as stage:
            for number in range(4):
                await ROUNDS[kind](stage, random.Random(f"0:{kind}:{number}"))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(play())
