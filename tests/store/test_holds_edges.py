"""Holds and contingents at their edges, against the functions inside the real store. Laws 4 and 5."""

import logging

import pytest

from capacity.board.clocks import rfc3339
from capacity.services.holding import Holding
from capacity.store.holds import Creation, HoldStore, Moment
from capacity.wire.holds import ContingentsBody, ExtensionBody, HoldBody
from tests.world import HOUR_MS, MINUTE_MS, command_id, new_id, standing_on

WOMEN, MEN = "halte.women", "halte.men"
MORE_THAN_ARE_ENDED_AT_ONCE = 130


def moment(ms):
    return Moment(ms, rfc3339(ms))


@pytest.fixture
async def ground(redis_url, territory):
    async with standing_on(redis_url, territory) as ground:
        await ground.open(WOMEN, MEN, capacity=1_000)
        yield ground


@pytest.fixture
def store(ground):
    return HoldStore(ground.live)


@pytest.fixture
def holding(ground):
    return Holding(ground.live, clock=ground.clock, pick=lambda signs: signs[0], new_id=new_id, observe=lambda *_: None)


async def hold(ground, store, number, *lines, minutes=5, channel="115"):
    """Hold some places, under a code of its own."""
    hold_id, at = command_id(number), moment(ground.clock())
    body = f'"id":"{hold_id}","type":"hold_created","hold":"{hold_id}"}}'
    asked = Creation(
        hold_id, channel, lines or [(WOMEN, 1)], "", at, moment(at.ms + minutes * MINUTE_MS), "d", body, [f"C{number}"]
    )
    verdict = await store.create(ground.name, asked)
    assert verdict.outcome == "done", verdict
    return hold_id


async def test_an_arrival_after_the_end_is_refused_however_many_are_due_before_it(ground, store):
    for number in range(MORE_THAN_ARE_ENDED_AT_ONCE):
        late = await hold(ground, store, 1_000 + number)
    at = moment(ground.clock.forward(5 * MINUTE_MS))
    for verdict in (
        await store.arrive(ground.name, new_id(), late, at, []),
        await store.extend(ground.name, new_id(), late, at, by_ms=HOUR_MS, latest_ms=at.ms + HOUR_MS),
    ):
        assert (verdict.outcome, verdict.note) == ("refused", "hold-ended again")
    while (await store.expire(ground.name, at, 50))[0]:
        pass
    ended = [command for command in await ground.commands() if command["type"] == "hold_expired"]
    assert len(ended) == len({command["hold"] for command in ended}) == MORE_THAN_ARE_ENDED_AT_ONCE
    assert (await ground.rows())[WOMEN]["held"] == 0


async def test_a_hold_whose_time_was_over_when_its_pool_left_ended_at_its_time(ground, store):
    over = await hold(ground, store, 1, (WOMEN, 1), (MEN, 2), minutes=5)
    running = await hold(ground, store, 2, (WOMEN, 1), minutes=60)
    due_at = rfc3339(ground.clock() + 5 * MINUTE_MS)
    ground.clock.forward(20 * MINUTE_MS)
    await ground.remove(WOMEN)
    ends = {command["hold"]: command for command in await ground.commands() if "hold" in command}
    assert (ends[over]["type"], ends[over]["observed_at"]) == ("hold_expired", due_at)
    assert ends[over]["received_at"] == rfc3339(ground.clock())
    assert (ends[running]["type"], ends[running]["reason"]) == ("hold_released", "pool_gone")
    assert (await ground.rows())[MEN]["held"] == 0
    assert (await store.expire(ground.name, moment(ground.clock()), 50))[0] == 0


def contingents(*entries):
    return ContingentsBody.model_validate(
        {"contingents": [{"channel": channel, "places": 1, "until": rfc3339(until)} for channel, until in entries]}
    )


async def test_contingents_that_ended_while_nobody_looked_each_ended_at_their_hour(ground, store, holding):
    first, second = ground.clock() + HOUR_MS, ground.clock() + 2 * HOUR_MS
    await holding.keep(ground.name, WOMEN, contingents(("site", second), ("maraude", first)))
    at = moment(ground.clock.forward(3 * HOUR_MS))
    while (await store.expire(ground.name, at, 50))[0]:
        pass
    ended = [command for command in await ground.commands() if command["type"] == "contingents_ended"]
    assert [command["observed_at"] for command in ended] == [rfc3339(first), rfc3339(second)]
    assert len({command["id"] for command in ended}) == 2
    assert (await ground.rows())[WOMEN]["contingents"] == []


async def test_one_call_ends_no_more_than_it_is_asked_to_contingents_among_them(ground, store, holding):
    until = ground.clock() + HOUR_MS
    for pool in (WOMEN, MEN):
        await holding.keep(ground.name, pool, contingents(("maraude", until)))
    await hold(ground, store, 1)
    at = moment(ground.clock.forward(HOUR_MS))
    assert [(await store.expire(ground.name, at, 2))[0] for _ in range(3)] == [2, 1, 0]


async def test_an_extension_sent_again_a_minute_later_is_the_same_one(ground, holding, caplog):
    hold_id = new_id()
    lines = [{"pool": WOMEN, "places": 1}]
    await holding.create(ground.name, HoldBody.model_validate({"id": hold_id, "lines": lines, "minutes": 45}))
    asked = ExtensionBody.model_validate({"id": command_id(78), "minutes": 30})
    first = await holding.extend(ground.name, hold_id, asked)
    ground.clock.forward(MINUTE_MS)
    with caplog.at_level(logging.WARNING):
        again = await holding.extend(ground.name, hold_id, asked)
    assert (first.outcome, again.outcome, again.note) == ("done", "duplicate", "")
    assert again.hold == first.hold
    assert not caplog.records
