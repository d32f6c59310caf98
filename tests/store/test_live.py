"""The live store's reads, its stream, and the pipeline that carries every call."""

import asyncio
from contextlib import aclosing

import pytest

from capacity.errors import StoreUnavailable, UnknownTerritory
from capacity.store.keys import Keys
from capacity.store.live import LiveStore
from tests.world import report, standing_on

WOMEN, MEN = "halte.women", "halte.men"


@pytest.fixture
async def ground(redis_url, territory):
    async with standing_on(redis_url, territory) as ground:
        yield ground


def test_all_keys_of_a_territory_share_its_hash_tag():
    keys = Keys.of("75")
    told = [keys.meta, keys.rows, keys.stamps, keys.stream, keys.facts("a"), keys.movements("a"), keys.answer("b")]
    assert all(key.startswith("{75}:") for key in told)
    assert len(set(told)) == len(told)


async def test_a_territory_that_was_never_opened_has_no_board(ground):
    assert await ground.live.position(ground.name) is None
    with pytest.raises(UnknownTerritory):
        await ground.live.whole_board(ground.name)


async def test_an_opened_territory_without_pools_has_an_empty_board(ground):
    await ground.open()
    board = await ground.live.whole_board(ground.name)
    assert (board.epoch, board.seq, board.rows) == (f"epoch-{ground.name}", 0, [])


async def test_a_territory_keeps_its_first_epoch(ground):
    await ground.open()
    first = await ground.live.position(ground.name)
    await ground.live.call("open_territory_v1", (ground.keys.meta,), ("another", 7))
    assert await ground.live.position(ground.name) == first


async def test_rows_come_oldest_stamp_first_and_only_those_stamped_later(ground):
    await ground.open(WOMEN, MEN)
    await ground.post(report("count", WOMEN, occupied=1))
    await ground.remove(MEN)
    assert [(change.pool, change.seq, change.gone) for change in (await ground.live.whole_board(ground.name)).rows] == [
        (WOMEN, 3, False),
        (MEN, 4, True),
    ]
    assert list(await ground.rows(since=3)) == [MEN]
    assert await ground.rows(since=4) == {}


async def test_a_pool_that_comes_back_is_no_tombstone_any_more(ground):
    await ground.open(WOMEN)
    await ground.remove(WOMEN)
    await ground.register(WOMEN)
    assert [change.gone for change in (await ground.live.whole_board(ground.name)).rows] == [False]


async def test_following_gives_each_entry_once_and_silence_as_nothing(ground):
    await ground.open(WOMEN)
    async with aclosing(ground.live.follow(ground.name, 0, block_ms=50)) as following:
        assert [entry.seq for entry in await anext(following)] == [1]
        assert await anext(following) == []
        await ground.post(report("count", WOMEN, occupied=1), report("count", WOMEN, occupied=2))
        seen = [entry.seq for entry in await anext(following)]
        while seen[-1] < 3:
            seen += [entry.seq for entry in await anext(following)]
    assert seen == [2, 3]


async def test_a_follower_of_the_middle_starts_after_it(ground):
    await ground.open(WOMEN)
    await ground.post(*(report("movement", WOMEN, delta=1) for _ in range(5)))
    async with aclosing(ground.live.follow(ground.name, 4)) as following:
        assert [entry.seq for entry in await anext(following)] == [5, 6]


async def test_trimming_never_takes_what_lies_beyond(ground):
    await ground.open(WOMEN)
    await ground.post(*(report("movement", WOMEN, delta=1) for _ in range(500)))
    await ground.live.trim(ground.name, 300)
    kept = [entry.seq for entry in await ground.stream()]
    assert kept == list(range(kept[0], 502))
    assert kept[0] <= 301


async def test_a_refused_call_does_not_disturb_its_neighbours(ground):
    await ground.open(WOMEN)
    calls = [ground.register(f"pool-{n}") for n in range(20)]
    wrong = ground.live.call("report_v1", (ground.keys.meta,), ())
    *replies, refused = await asyncio.gather(*calls, wrong, return_exceptions=True)
    assert isinstance(refused, StoreUnavailable)
    assert [reply[0] for reply in replies] == [b"opened"] * 20
    assert sorted(int(reply[1]) for reply in replies) == list(range(2, 22))


async def test_callers_that_give_up_leave_the_answers_of_others_in_place(ground):
    await ground.open()
    tasks = [asyncio.create_task(ground.register(f"pool-{n}")) for n in range(40)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    answers = await asyncio.gather(*tasks[1::2])
    rows = await ground.rows()
    assert [rows[f"pool-{n}"]["seq"] for n in range(1, 40, 2)] == [int(seq) for _, seq in answers]


class Caller:
    """A caller that is called back, and may break on it."""

    def __init__(self, *command, breaks=False):
        self.command, self._breaks = command, breaks
        self.told = asyncio.get_running_loop().create_future()

    def deliver(self, reply):
        if self._breaks:
            raise RuntimeError("a fault of ours")
        self.told.set_result(("reply", reply))

    def refuse(self, _refusal):
        self.told.set_result(("refused", None))

    def fail(self, _cause):
        self.told.set_result(("failed", None))


async def test_each_caller_is_told_its_own_reply_once_and_one_that_breaks_disturbs_no_other(ground, caplog):
    await ground.open(WOMEN)
    callers = [Caller("ECHO", "a"), Caller("ECHO", "b", breaks=True), Caller("NO-SUCH"), Caller("ECHO", "c")]
    for caller in callers:
        ground.live.send(caller)
    async with asyncio.timeout(10):
        assert await callers[0].told == ("reply", b"a")
        assert await callers[2].told == ("refused", None)
        assert await callers[3].told == ("reply", b"c")
    assert "a caller broke" in caplog.text
    assert (await ground.post(report("count", WOMEN, occupied=1)))[0]["outcome"] == "applied"


async def test_whoever_waits_when_the_connections_are_closed_is_told(tmp_path):
    came = asyncio.Event()
    path = str(tmp_path / "mute.sock")
    async with await asyncio.start_unix_server(lambda *_streams: came.set(), path):
        async with LiveStore.open(f"unix://{path}") as live:
            caller = Caller("ECHO", "a")
            live.send(caller)
            await asyncio.wait_for(came.wait(), 10)
        assert await caller.told == ("failed", None)


@pytest.mark.one_server("redis-py's client of a cluster kills no connections")
async def test_a_connection_cut_by_the_server_is_made_anew(ground):
    await ground.open(WOMEN)
    await ground.redis.client_kill_filter(_type="normal", skipme=True)
    results = []
    async with asyncio.timeout(10):
        while not results:
            try:
                results = await ground.post(report("movement", WOMEN, delta=1))
            except StoreUnavailable:
                continue
    assert results[0]["outcome"] == "applied"


async def test_a_store_that_is_not_there_is_unavailable(tmp_path):
    async with LiveStore.open(f"unix://{tmp_path}/none.sock") as live:
        for ask in (live.ping(), live.prepare(), live.position("75"), live.whole_board("75"), live.entries("75", 0, 1)):
            with pytest.raises(StoreUnavailable):
                await ask
        with pytest.raises(StoreUnavailable):
            await live.call("rows_since_v1", (), ())
