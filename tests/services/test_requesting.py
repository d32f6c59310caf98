"""Requesting on the real live store: each command once, the first outcome stands, and nobody is kept. Laws 4 and 9."""

import asyncio
import logging

import pytest

from capacity.board.clocks import rfc3339
from capacity.board.contacts import contacts_of
from capacity.board.nights import Night
from capacity.errors import StoreUnavailable, UnknownTerritory
from capacity.services.requesting import Requesting
from capacity.store.live import LiveStore
from capacity.vocabulary.codes import is_code
from capacity.wire.holds import HoldBody
from capacity.wire.requests import RequestBody
from tests.desk import desk_in
from tests.world import HOUR_MS, MINUTE_MS, NOW_MS, new_id, report, world_of

SECONDS_TO_NOON = 12 * 3600 + 18 * 60 + 52  # from 22:41:07 UTC to noon in Paris


@pytest.fixture
async def desk(redis_url, database, territory):
    async with world_of(redis_url, database, territory) as world:
        yield await desk_in(world)


async def hold(world, women=1):
    asked = {"id": new_id(), "lines": [{"pool": "halte.women", "places": women}], "minutes": 45}
    verdict = await world.holding.create(world.name, HoldBody.model_validate(asked))
    assert verdict.outcome == "done"
    return asked["id"]


async def test_a_request_is_a_numbered_command_of_its_night(desk):
    before = await desk.world.seq()
    told = await desk.open(women=1, needs=["pets"], channel="maraude", area="75018")
    request = told.request
    assert (told.outcome, request.seq, request.state) == ("done", before + 1, "open")
    assert (request.needs, request.channel, request.area) == (["pets"], "maraude", "75018")
    (command,) = (await desk.world.commands())[before:]
    assert command == {
        "seq": before + 1, "outcome": "applied", "household": request.household, "id": request.id,
        "type": "request_opened", "night": "2026-11-22", "channel": "maraude",
        "party": {"women": 1, "men": 0, "children": 0}, "needs": ["pets"], "area": "75018",
        "observed_at": rfc3339(NOW_MS), "received_at": rfc3339(NOW_MS),
    }  # fmt: skip


async def test_a_request_changes_no_row(desk):
    rows = await desk.world.rows()
    told = await desk.open()
    await desk.refuse(told.request.id)
    assert await desk.world.rows() == rows
    assert not any(entry.rows for entry in (await desk.world.stream())[1:])


async def test_a_household_without_a_code_is_given_one_and_is_known_by_it(desk):
    first, other = await desk.open(), await desk.open()
    assert is_code(first.contact)
    assert first.contact != other.contact
    again = await desk.open(contact=first.contact.lower())
    assert (again.contact, again.request.household) == (first.contact, first.request.household)
    assert other.request.household != first.request.household


async def test_a_code_that_was_made_for_one_household_is_nobody_elses(desk):
    salt = await desk.requesting._store.salt(desk.world.name, Night.of(NOW_MS), NOW_MS, b"salt")
    newcomer = new_id()
    first, second, *_ = contacts_of(salt, newcomer)
    early = await desk.open(contact=first)
    late = await desk.open(newcomer)
    assert late.contact == second
    assert late.request.household != early.request.household


async def test_the_same_id_again_is_told_the_same_and_takes_no_number(desk):
    first = await desk.open(needs=["pets"])
    seq = await desk.world.seq()
    for needs in (["pets"], ["babies"]):
        again = await desk.open(first.request.id, needs=needs)
        assert (again.outcome, again.request, again.contact) == ("duplicate", first.request, first.contact)
    assert await desk.world.seq() == seq


async def test_a_request_that_is_sent_again_after_its_outcome_tells_it(desk):
    told = await desk.open()
    await desk.refuse(told.request.id)
    again = await desk.open(told.request.id)
    assert (again.outcome, again.request.state, again.contact) == ("duplicate", "unmet", told.contact)


async def test_a_request_is_oriented_to_a_hold_that_there_is(desk):
    told, held = await desk.open(), await hold(desk.world)
    seq = await desk.world.seq()
    assert (await desk.orient(told.request.id, new_id())).outcome == "unknown-hold"
    assert await desk.world.seq() == seq
    closed = await desk.orient(told.request.id, held)
    assert (closed.outcome, closed.request.state, closed.request.hold) == ("done", "oriented", held)
    assert (await desk.world.commands())[-1] == {
        "seq": seq + 1, "outcome": "applied", "night": "2026-11-22", "type": "request_closed", "state": "oriented",
        "id": (await desk.world.commands())[-1]["id"], "request": told.request.id, "hold": held,
        "observed_at": rfc3339(NOW_MS), "received_at": rfc3339(NOW_MS),
    }  # fmt: skip


async def test_a_hold_that_has_ended_was_one_all_the_same(desk):
    told, held = await desk.open(), await hold(desk.world)
    desk.world.clock.forward(46 * MINUTE_MS)
    await desk.world.live.call("hold_expire_v1", (desk.world.keys.meta,), (desk.world.clock(), rfc3339(NOW_MS), 9))
    assert (await desk.orient(told.request.id, held)).outcome == "done"


async def test_the_first_outcome_stands_and_the_second_operator_is_told_it(desk):
    told = await desk.open()
    await desk.refuse(told.request.id, "no_place")
    seq = await desk.world.seq()
    second = await desk.refuse(told.request.id, "no_fit")
    assert (second.outcome, second.request.reason) == ("request-closed", "no_place")
    assert await desk.world.seq() == seq


async def test_of_two_operators_at_once_one_is_heard(desk):
    told, held = await desk.open(), await hold(desk.world)
    outcomes = await asyncio.gather(
        *(desk.refuse(told.request.id, "too_far") for _ in range(5)),
        *(desk.orient(told.request.id, held) for _ in range(5)),
    )
    assert sorted(one.outcome for one in outcomes) == ["done"] + ["request-closed"] * 9
    assert len({(one.request.state, one.request.reason, one.request.hold) for one in outcomes}) == 1
    assert [command["type"] for command in await desk.world.commands()].count("request_closed") == 1


async def test_an_outcome_that_is_sent_again_is_answered_as_the_first(desk):
    told, command = await desk.open(), new_id()
    first = await desk.refuse(told.request.id, "no_fit", command)
    seq = await desk.world.seq()
    for reason in ("no_fit", "too_far"):
        again = await desk.refuse(told.request.id, reason, command)
        assert (again.outcome, again.request) == ("duplicate", first.request)
    assert await desk.world.seq() == seq


async def test_an_id_of_another_command_is_taken(desk):
    told, other = await desk.open(), await desk.open()
    counted = report("count", "halte.women", occupied=1)
    await desk.world.post(counted)
    held, closing = await hold(desk.world), new_id()
    await desk.refuse(other.request.id, "no_place", closing)
    for taken in (counted["id"], held, closing):
        assert (await desk.open(taken)).outcome == "id-taken"
    for taken in (counted["id"], held, told.request.id, closing):
        assert (await desk.refuse(told.request.id, "no_place", taken)).outcome == "id-taken"
    assert (await desk.refuse(told.request.id)).outcome == "done"


async def test_a_request_that_nobody_made_is_unknown(desk):
    assert (await desk.refuse(new_id())).outcome == "unknown-request"
    assert (await desk.refuse("none")).outcome == "unknown-request"


async def test_a_territory_that_was_never_opened_is_unknown(desk):
    for contact in ({}, {"contact": "M4R8"}):
        with pytest.raises(UnknownTerritory):
            await desk.open(territory="nowhere", **contact)
    desk.world.name = "nowhere"
    with pytest.raises(UnknownTerritory):
        await desk.refuse(new_id())
    with pytest.raises(UnknownTerritory):
        await desk.find_nothing()
    assert not [key async for key in desk.world.redis.scan_iter("{nowhere}*")]


async def test_a_store_that_is_away_takes_nothing(desk, tmp_path):
    async with LiveStore.open(f"unix://{tmp_path}/none.sock") as live:
        requesting = Requesting(live, clock=desk.world.clock, random_bytes=bytes, new_id=new_id)
        with pytest.raises(StoreUnavailable):
            await requesting.open("75", RequestBody.model_validate({"id": new_id(), "party": {"women": 1}}))


# The night, and what is forgotten with it


async def lifetimes(desk, night="2026-11-22"):
    ttl = desk.world.redis.ttl
    return {name: await ttl(f"{{{desk.world.name}}}:{name}:{night}") for name in ("salt", "households", "requests")}


async def test_the_salt_and_its_households_are_forgotten_six_hours_after_the_night(desk):
    await desk.open()
    told = await lifetimes(desk)
    assert told["salt"] == pytest.approx(SECONDS_TO_NOON + 6 * 3600, abs=3)
    assert told["households"] == pytest.approx(SECONDS_TO_NOON + 6 * 3600, abs=3)
    assert told["requests"] == pytest.approx(SECONDS_TO_NOON + 49 * 3600, abs=3)


async def test_a_salt_is_made_once_a_night_however_many_ask(desk):
    told = await asyncio.gather(*(desk.open(contact="M4R8") for _ in range(20)))
    assert len({one.request.household for one in told}) == 1
    again = await desk.open(contact="M4R8")
    assert again.request.household == told[0].request.household


async def test_the_same_code_in_another_night_is_another_household(desk):
    tonight = await desk.open(contact="M4R8")
    desk.world.clock.now_ms = Night.of(NOW_MS).end_ms
    tomorrow = await desk.open(contact="M4R8")
    assert tomorrow.request.household != tonight.request.household
    assert (tonight.request.night, tomorrow.request.night) == ("2026-11-22", "2026-11-23")


async def test_a_request_sent_again_after_noon_stays_in_its_night_and_is_told_its_code(desk):
    told = await desk.open()
    desk.world.clock.now_ms = Night.of(NOW_MS).end_ms + HOUR_MS
    again = await desk.open(told.request.id)
    assert (again.outcome, again.request, again.contact) == ("duplicate", told.request, told.contact)


async def test_a_code_cannot_be_found_again_once_the_salt_is_gone(desk):
    told = await desk.open()
    desk.world.clock.now_ms = Night.of(NOW_MS).end_ms + 7 * HOUR_MS
    await desk.world.redis.delete(f"{{{desk.world.name}}}:salt:2026-11-22")
    again = await desk.open(told.request.id)
    assert (again.outcome, again.request, again.contact) == ("duplicate", told.request, None)


async def every_text(redis, name):
    """All that the store holds of a territory, keys and values, as one text."""
    told = []
    async for key in redis.scan_iter(f"{{{name}}}:*", count=1_000):
        match await redis.type(key):
            case b"string":
                value = await redis.get(key)
            case b"hash":
                value = await redis.hgetall(key)
            case b"list":
                value = await redis.lrange(key, 0, -1)
            case b"set":
                value = await redis.smembers(key)
            case b"zset":
                value = await redis.zrange(key, 0, -1)
            case b"stream":
                value = await redis.xrange(key)
        told.append(f"{key} {value}")
    return "\n".join(told)


async def test_the_code_is_kept_nowhere(desk, caplog):
    caplog.set_level(logging.DEBUG)
    made = await desk.open()
    given = await desk.open(contact="m4 r8")
    await desk.open(made.request.id, needs=["pets"])
    await desk.refuse(given.request.id)
    await desk.world.recording.catch_up(desk.world.name)
    kept = await every_text(desk.world.redis, desk.world.name) + str(await desk.world.kept()) + caplog.text
    assert made.request.household in kept
    assert "the first answer stands" in kept
    assert made.contact not in kept
    assert "M4R8" not in kept.upper()
    assert "M4 R8" not in kept.upper()


# Searches that found nothing


async def test_the_same_empty_search_counts_once_in_ten_minutes(desk):
    for _ in range(3):
        await desk.find_nothing(1, ["pets", "babies"])
        await desk.find_nothing(1, ["babies", "pets"])
    assert (await desk.summary()).empty_searches == 1
    searched = [key async for key in desk.world.redis.scan_iter(f"{{{desk.world.name}}}:searched:*")]
    assert [await desk.world.redis.ttl(key) for key in searched] == [pytest.approx(600, abs=3)]
    await desk.world.redis.delete(*searched)  # ten minutes later
    await desk.find_nothing(1, ["pets", "babies"])
    assert (await desk.summary()).empty_searches == 2


async def test_another_channel_party_or_need_is_another_search(desk):
    for words in ({}, {"women": 2}, {"needs": ["pets"]}, {"channel": "maraude"}):
        await desk.find_nothing(**words)
    assert (await desk.summary()).empty_searches == 4
    command = (await desk.world.commands())[-1]
    assert (command["type"], command["channel"], command["party"]["women"]) == ("search_empty", "maraude", 1)
