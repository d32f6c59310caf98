"""Rounds of hostile connections, many at a time, each judged as a whole; a seed says what is sent."""

import asyncio
import random

from tests.hostile.frames import conversation
from tests.hostile.http_bytes import Exchange, exchange
from tests.hostile.stage import Said, Stage

AT_ONCE = 24


async def http_round(stage: Stage, chance: random.Random, number: int = AT_ONCE) -> list[Exchange]:
    """Play some exchanges at once. Raises AssertionError where the service broke a promise."""
    said = [exchange(chance, stage.name) for _ in range(number)]
    before, seq = await stage.kept(), await stage.world.seq()
    heard = await asyncio.gather(*(_play(stage, one) for one in said))
    await stage.endured(before, heard, seq)
    return said


async def _play(stage: Stage, one: Exchange) -> Said:
    if one.is_cut:
        await stage.cut(*one.parts)
        return Said(b"")
    said = await stage.say(*one.parts)
    said.in_doubt = one.commands if said.was_reset else 0
    return said


async def feed_round(stage: Stage, chance: random.Random, number: int = AT_ONCE) -> list[list[bytes]]:
    """Play some conversations with the feed at once. Raises AssertionError where the service broke a promise."""
    said = [conversation(chance, stage.name) for _ in range(number)]
    before, seq = await stage.kept(), await stage.world.seq()
    heard = await asyncio.gather(*(stage.follow(*parts) for parts in said))
    assert not [one for one in heard if one.accepted]
    await stage.endured(before, heard, seq)
    return said


ROUNDS = {"http": http_round, "feed": feed_round}
"""The kinds of rounds by their names: each plays on a stage what chance makes of it, and answers what was said."""
