"""A crowd comes in a few at a time, in its order, and a line has an end."""

import asyncio

import pytest

from capacity.errors import TooManyRequests
from capacity.services.waves import JOIN_SECONDS, LONGEST_SPREAD_SECONDS, Waves, come_again


async def test_few_need_not_wait():
    waves = Waves(a_wave=3)
    for _ in range(3):
        waiting = waves.turn()
        with pytest.raises(StopIteration):
            waiting.send(None)


async def test_a_crowd_comes_in_by_waves_and_in_its_order():
    waves, let_in = Waves(a_wave=3), []

    async def come(number):
        await waves.turn()
        let_in.append(number)

    crowd = [asyncio.ensure_future(come(number)) for number in range(20)]
    most, seen = 0, 0
    while len(let_in) < 20:
        await asyncio.sleep(0)
        most, seen = max(most, len(let_in) - seen), len(let_in)
    await asyncio.gather(*crowd)
    assert most == 3
    assert let_in == list(range(20))


async def test_one_that_left_the_line_takes_nobodys_turn():
    waves, let_in = Waves(a_wave=1), []

    async def come(number):
        await waves.turn()
        let_in.append(number)

    crowd = [asyncio.ensure_future(come(number)) for number in range(6)]
    await asyncio.sleep(0)
    crowd[2].cancel()
    await asyncio.gather(*crowd, return_exceptions=True)
    assert let_in == [0, 1, 3, 4, 5]


async def test_too_long_a_line_says_to_each_another_second_to_come_again():
    chances = iter([0.0, 0.999])
    waves = Waves(a_wave=1, longest_line=4000, chance=lambda: next(chances))
    crowd = [asyncio.ensure_future(waves.turn()) for _ in range(4001)]
    await asyncio.sleep(0)
    said = []
    for _ in range(2):
        with pytest.raises(TooManyRequests) as refused:
            await waves.turn()
        said.append(refused.value.retry_seconds)
    assert said == [2, 4]
    await asyncio.gather(*crowd)


def test_those_who_are_sent_away_come_again_each_at_another_moment():
    assert come_again(1, 0.99) == "again in 0 ms"
    assert come_again(1000, 0.5) == f"again in {round(1000 * JOIN_SECONDS * 500)} ms"
    assert come_again(1_000_000, 0.5) == f"again in {round(LONGEST_SPREAD_SECONDS * 500)} ms"
