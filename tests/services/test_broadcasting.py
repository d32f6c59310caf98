"""The feed's inner side, with a store and clocks that the test commands: ticks, losses, slow readers."""

import asyncio
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.board.picture import Position
from capacity.errors import StoreUnavailable, UnknownTerritory
from capacity.services import readers, shelf, window
from capacity.services.broadcasting import Hub
from capacity.services.channel import STORE_SILENCE_SECONDS, Pace
from capacity.services.frames import TEXT
from capacity.services.readers import TRY_AGAIN_LATER, Reader
from tests.scripted_store import TERRITORY, ScriptedStore


class Time:
    """Seconds that pass when the test says so."""

    def __init__(self):
        self.now = 1000.0

    def pace(self, **seconds):
        quiet = Pace(heartbeat_seconds=3600.0, monotonic=lambda: self.now, clock=lambda: 0)
        return replace(quiet, **seconds)


class Ear:
    """A reader that follows the rule: it merges what it is told, and fails when something was missed."""

    def __init__(self, channel, position=None, board=None):
        self.channel, self.position, self.board = channel, position, dict(board or {})
        self.messages = []
        self.goodbye = None
        self.buffered_bytes = 0
        self.reader = Reader(TEXT, self._hear, self._close, lambda: self.buffered_bytes)
        channel.join(self.reader, position)

    def _hear(self, text):
        message = json.loads(text)
        self.messages.append(message)
        if message["complete"]:
            self.board = {}
        else:
            assert message["epoch"] == self.position.epoch
            assert message["since"] <= self.position.seq <= message["seq"], "missed something, or sent backwards"
        for row in message["rows"]:
            if row.get("gone"):
                self.board.pop(row["pool"], None)
            else:
                assert self.board.get(row["pool"], row)["seq"] <= row["seq"], "an older row over a newer one"
                self.board[row["pool"]] = row
        self.position = Position(message["epoch"], message["seq"])

    def _close(self, code, _reason):
        self.goodbye = code

    def pause(self, buffered_bytes=100):
        self.buffered_bytes = buffered_bytes
        self.channel.pause(self.reader)

    def resume(self):
        self.buffered_bytes = 0
        self.channel.resume(self.reader)


async def until(is_so):
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0)


def board_of(store):
    return {pool: json.loads(kept.row) for pool, kept in store.rows.items() if not kept.gone}


@pytest.fixture
def time():
    return Time()


@pytest.fixture
async def store():
    store = ScriptedStore()
    store.say("a", "b", free=3)
    return store


@pytest.fixture
async def hub(store, time):
    async with Hub.open(store, time.pace()) as hub:
        yield hub


@pytest.fixture
async def channel(hub):
    return await hub.channel(TERRITORY)


async def test_a_reader_gets_all_rows_first(channel, store):
    ear = Ear(channel)
    assert ear.messages[0]["complete"]
    assert ear.board == board_of(store)


async def test_what_one_read_returned_is_one_message_newest_only(channel, store):
    ear = Ear(channel)
    store.say("a", "b", "a", "c", free=1)
    await until(lambda: ear.position.seq == 6)
    assert [(row["pool"], row["seq"]) for row in ear.messages[1]["rows"]] == [("b", 4), ("a", 5), ("c", 6)]
    assert len(ear.messages) == 2


async def test_a_reader_that_comes_back_gets_only_what_it_lacks(channel):
    ear = Ear(channel, Position("e1", 1), {"a": {"pool": "a", "seq": 1}})
    assert [row["pool"] for row in ear.messages[0]["rows"]] == ["b"]
    assert not ear.messages[0]["complete"]


async def test_a_pool_that_is_gone_leaves_every_board(channel, store):
    ear = Ear(channel)
    store.say("-a")
    await until(lambda: ear.position.seq == 3)
    assert set(ear.board) == {"b"}
    assert set(Ear(channel).board) == {"b"}


async def test_numbers_that_move_no_row_are_told_with_the_next_news(channel, store):
    ear = Ear(channel)
    store.say(None, None)
    await until(lambda: channel.board(None)[0].seq == 4)
    assert len(ear.messages) == 1
    store.say("a", free=0)
    await until(lambda: ear.position.seq == 5)
    assert ear.messages[1]["since"] == 2


async def test_a_heartbeat_has_no_rows_and_makes_current(channel, store):
    ear = Ear(channel)
    store.say(None)
    await until(lambda: channel.board(None)[0].seq == 3)
    await channel.tick()
    assert (ear.messages[1]["since"], ear.messages[1]["seq"], ear.messages[1]["rows"]) == (2, 3, [])


async def test_heartbeats_come_while_nothing_happens(store):
    async with Hub.open(store, Pace(heartbeat_seconds=0.01)) as hub:
        ear = Ear(await hub.channel(TERRITORY))
        await until(lambda: len(ear.messages) > 3)
        assert all(message["rows"] == [] for message in ear.messages[1:])


async def test_a_stream_trimmed_behind_us_is_made_good_from_the_store(channel, store):
    ear = Ear(channel)
    await until(lambda: store.asked == 2)  # the whole board, then the follower's own look
    store.say("a", "c", free=1)
    del store.entries[:-1]
    await until(lambda: ear.position.seq == 4)
    assert ear.board == board_of(store)


async def test_what_came_before_a_gap_is_told_at_once(channel, store):
    position = Position("e1", 2)
    assert channel.board(position)[0].rows == []
    await until(lambda: store.asked == 2)
    store.answers.clear()
    store.say("a", "b", "c", free=1)
    del store.entries[-2]  # one read brings 3 and 5
    await until(lambda: channel.board(None)[0].seq == 3)
    assert [row["pool"] for row in json.loads(channel.board(position)[1].text)["rows"]] == ["a"]
    ear = Ear(channel)
    store.answers.set()
    await until(lambda: ear.position.seq == 5)
    assert ear.board == board_of(store)


async def test_an_unknown_territory_is_refused_and_not_kept(hub, store):
    with pytest.raises(UnknownTerritory):
        await hub.channel("nowhere")
    assert store.asked == 1


async def test_readers_that_come_at_once_share_one_channel(hub):
    first, second = await asyncio.gather(hub.channel(TERRITORY), hub.channel(TERRITORY))
    assert first is second


async def test_while_the_store_is_lost_nothing_looks_live(hub, channel, store):
    ear = Ear(channel)
    store.lose()
    await until(lambda: not channel.is_live)
    with pytest.raises(StoreUnavailable):
        await hub.channel(TERRITORY)
    assert ear.goodbye is None
    assert len(ear.messages) == 1


async def test_no_heartbeat_is_sent_while_the_store_is_lost(store):
    async with Hub.open(store, Pace(heartbeat_seconds=0.001)) as hub:
        channel = await hub.channel(TERRITORY)
        ear = Ear(channel)
        store.lose()
        await until(lambda: not channel.is_live)
        heard, asked = len(ear.messages), store.asked
        await until(lambda: store.asked > asked + 1)  # tries to come back for many times a heartbeat
        assert len(ear.messages) == heard


async def test_a_store_that_says_nothing_at_all_is_as_good_as_lost(channel, time):
    time.now += STORE_SILENCE_SECONDS + 0.1
    assert not channel.is_live


async def test_when_the_store_is_back_readers_hear_at_once(hub, channel, store):
    ear = Ear(channel)
    store.lose()
    await until(lambda: not channel.is_live)
    store.is_lost = False
    await until(lambda: len(ear.messages) == 2)
    assert ear.messages[1]["rows"] == []
    assert await hub.channel(TERRITORY) is channel


async def test_a_store_rebuilt_with_another_epoch_gives_everybody_a_complete_board(channel, store):
    ears = [Ear(channel), Ear(channel)]
    ears[1].pause()
    store.lose()
    await until(lambda: not channel.is_live)
    store.rebuild("e2", seq=1)  # also when its numbers start over
    await until(lambda: ears[0].position == Position("e2", 1))
    assert ears[1].position.epoch == "e1"
    ears[1].resume()
    assert all(ear.messages[-1]["complete"] for ear in ears)
    assert all(ear.board == board_of(store) for ear in ears)


async def test_writes_that_the_store_lost_leave_the_boards_again(channel, store):
    ear = Ear(channel)
    store.say("c", free=9)
    await until(lambda: "c" in ear.board)
    store.lose()
    await until(lambda: not channel.is_live)
    store.rows.pop("c")
    store.seq, store.entries, store.is_lost = 2, [], False
    await until(lambda: "c" not in ear.board)
    assert ear.board == board_of(store)


async def test_a_store_emptied_without_a_word_is_found_out(store):
    """No connection was lost: the picture is compared with the store also while the stream is silent."""
    async with Hub.open(store, Pace(heartbeat_seconds=0.001)) as hub:
        ear = Ear(await hub.channel(TERRITORY))
        store.rebuild("e2", seq=7)
        store.stir()
        await until(lambda: store.stir() or ear.position.epoch == "e2")
        assert ear.board == board_of(store)


async def test_a_reader_ahead_of_us_waits_for_what_the_store_has(channel, store):
    """It comes from another server, which heard of 4 before we did."""
    store.entries.clear()
    store.seq = 4
    store._move("a", {"free": 0})
    position = Position("e1", 4)
    await channel.reach(position)
    ear = Ear(channel, position, board_of(store))
    assert not ear.messages[0]["complete"]
    assert ear.position.seq == 4


async def test_a_reader_ahead_of_the_store_itself_gets_a_complete_board(channel, store):
    position = Position("e1", 1000)
    await channel.reach(position)
    ear = Ear(channel, position, {"ghost": {"seq": 900}})
    assert ear.messages[0]["complete"]
    assert ear.board == board_of(store)


async def test_news_that_comes_while_a_reader_waits_for_the_store_is_not_taken_for_lost_writes(channel, store):
    await until(lambda: store.asked == 2)
    store.answers.clear()
    reaching = asyncio.ensure_future(channel.reach(Position("e1", 50)))
    await until(lambda: store.asked == 3)
    ear = Ear(channel)
    store.say("a", "b", "c", free=5)
    await until(lambda: ear.position.seq == 5)
    store.answers.set()
    await reaching
    await channel.tick()
    assert [message["complete"] for message in ear.messages[1:]] == [False, False]


async def test_a_reader_that_does_not_drain_is_skipped_and_catches_up_merged(hub, channel, store):
    slow, quick = Ear(channel), Ear(channel)
    slow.pause()
    for free in range(10):
        store.say("a", free=free)
        await until(lambda: quick.position.seq == store.seq)
    assert len(slow.messages) == 1
    assert hub.counters.skipped == 10
    slow.resume()
    assert slow.messages[1]["since"] == 2
    assert [row["seq"] for row in slow.messages[1]["rows"]] == [store.seq]
    store.say("b", free=0)
    await until(lambda: slow.position.seq == store.seq)
    assert slow.board == quick.board == board_of(store)


async def test_a_reader_that_drains_again_hears_of_numbers_without_rows(channel, store):
    slow = Ear(channel)
    slow.pause()
    store.say(None)
    await until(lambda: channel.board(None)[0].seq == 3)
    await channel.tick()
    slow.resume()
    store.say("a", free=1)
    await until(lambda: slow.position.seq == 4)


async def test_a_reader_that_stopped_reading_is_closed_after_a_minute(hub, channel, time):
    ear = Ear(channel)
    ear.pause()
    time.now += 59
    channel.close_stalled()
    assert ear.goodbye is None
    time.now += 1
    channel.close_stalled()
    assert ear.goodbye == TRY_AGAIN_LATER
    assert (hub.counters.stalled, hub.counters.readers) == (1, 0)


async def test_a_slow_reader_that_still_reads_may_stay(channel, time):
    ear = Ear(channel)
    ear.pause(buffered_bytes=1000)
    for left in (700, 400, 100):
        time.now += 50
        ear.buffered_bytes = left
        channel.close_stalled()
    assert ear.goodbye is None


async def test_pings_behind_what_a_stalled_reader_does_not_read_are_no_progress(channel, time):
    ear = Ear(channel)
    ear.pause(buffered_bytes=1000)
    for more in (1006, 1012):
        time.now += 30
        ear.buffered_bytes = more
        channel.close_stalled()
    assert ear.goodbye == TRY_AGAIN_LATER


async def test_a_storm_of_joins_makes_the_board_once(channel, store):
    store.say(*(f"p{number}" for number in range(100)), free=1)
    await until(lambda: channel.board(None)[0].seq == store.seq)
    messages = [channel.board(None)[1] for _ in range(50)]
    assert len({id(message.tail.deflated(15)) for message in messages}) == 1
    store.say("a", free=2)
    await until(lambda: channel.board(None)[0].seq == store.seq)
    assert channel.board(None)[1].tail is not messages[0].tail


async def test_a_storm_while_rows_move_shares_few_boards_and_misses_nothing(hub, channel, store):
    """Half of the readers bring nothing, half bring positions of a long outage; between any two of them a row moves."""
    store.say(*(f"p{number}" for number in range(800)), free=1)
    await until(lambda: channel.board(None)[0].seq == store.seq)
    outage, boards = dict(board_of(store)), hub.counters.boards
    ears = []
    for number in range(400):
        store.say(f"p{number}", free=2)
        await until(lambda: channel._picture.seq == store.seq)  # to ask for a board would make one
        lost_at = store.seq - 790 - number // 4
        ears.append(Ear(channel) if number % 2 else Ear(channel, Position("e1", lost_at), outage))
    await until(lambda: all(ear.position.seq == store.seq for ear in ears))
    assert all(ear.board == board_of(store) for ear in ears[1::2])
    assert hub.counters.boards - boards < 30


async def test_who_comes_while_few_do_hears_of_the_present_in_one_message(channel, store):
    store.say(*(f"p{number}" for number in range(100)), free=1)
    await until(lambda: channel.board(None)[0].seq == store.seq)
    for free in range(2, 2 + window.FEW // 2):
        first = Ear(channel)
        store.say("p7", free=free)
        await until(lambda ear=first: ear.position.seq == store.seq)
        [only] = Ear(channel).messages
        assert (only["since"], only["seq"]) == (None, store.seq)


async def test_behind_what_was_made_before_comes_what_moved_since(channel, store, monkeypatch):
    monkeypatch.setattr(window, "FEW", 0)
    store.say(*(f"p{number}" for number in range(100)), free=1)
    await until(lambda: channel.board(None)[0].seq == store.seq)
    first = Ear(channel)
    store.say("p7", free=2)
    await until(lambda: first.position.seq == store.seq)
    second = Ear(channel)
    assert [(message["since"], message["seq"]) for message in second.messages] == [(None, 102), (102, 103)]
    assert second.board == first.board == board_of(store)


async def test_what_was_made_before_is_of_no_use_in_another_epoch(channel, store, monkeypatch):
    monkeypatch.setattr(window, "FEW", 0)
    store.say(*(f"p{number}" for number in range(100)), free=1)
    await until(lambda: channel.board(None)[0].seq == store.seq)
    first = Ear(channel)
    store.lose()
    await until(lambda: not channel.is_live)
    store.rebuild("e2", seq=102)
    await until(lambda: first.position.epoch == "e2")
    assert Ear(channel).position == first.position


async def test_nobody_is_sent_backwards_between_two_slices(channel, store, monkeypatch):
    """A reader that catches up while a tick is still being written to others is not given that older tick."""
    monkeypatch.setattr(readers, "A_SLICE", 1)
    ears = [Ear(channel) for _ in range(3)]
    store.say("a", free=0)
    await until(lambda: ears[0].position.seq == 3)  # the first slice is written
    ears[2].pause()
    store.say("a", free=1)
    await until(lambda: channel.board(None)[0].seq == 4)
    ears[2].resume()
    await until(lambda: all(ear.position.seq == 4 for ear in ears))
    assert all(ear.board == board_of(store) for ear in ears)


async def test_a_tick_of_an_old_epoch_is_not_finished(channel, store, monkeypatch):
    monkeypatch.setattr(readers, "A_SLICE", 1)
    ears = [Ear(channel) for _ in range(5)]
    store.say("a", free=0)
    await until(lambda: ears[0].position.seq == 3)
    store.rebuild("e2", seq=1)
    await channel.reach(Position("e1", 99))  # finds the new epoch while the tick is under way
    await until(lambda: all(ear.position.epoch == "e2" for ear in ears))
    assert all(ear.board == board_of(store) for ear in ears)


async def test_a_reader_that_left_is_written_to_no_more(hub, channel, store):
    gone, stays = Ear(channel), Ear(channel)
    channel.leave(gone.reader)
    channel.leave(gone.reader)
    store.say("a", free=0)
    await until(lambda: stays.position.seq == 3)
    assert (len(gone.messages), hub.counters.readers) == (1, 1)


async def test_a_reader_that_leaves_between_two_slices_is_not_written_the_rest(channel, store, monkeypatch):
    monkeypatch.setattr(readers, "A_SLICE", 1)
    ears = [Ear(channel) for _ in range(4)]
    store.say("a", free=0)
    await until(lambda: ears[0].position.seq == 3)  # the first slice is written
    channel.leave(ears[2].reader)
    await until(lambda: ears[3].position.seq == 3)
    assert len(ears[2].messages) == 1


async def test_the_lag_of_each_tick_is_told(hub, channel, store):
    lags = []
    hub.counters.observe_tick_lag = lags.append
    ear = Ear(channel)
    store.say("a", free=0)
    await until(lambda: ear.position.seq == 3)
    await until(lambda: lags == [0.0])
    assert (hub.counters.ticks, hub.counters.deliveries) == (1, 1)


STEP = st.tuples(
    st.sampled_from(["say", "say", "late", "gone", "pause", "resume", "join", "leave", "lose", "rebuild", "turn"]),
    st.integers(0, 3),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=40), st.booleans())
def test_whatever_happens_every_reader_ends_with_the_stores_board(steps, keeps):
    """Also when catch-ups as short as these are kept for others."""
    with pytest.MonkeyPatch.context() as patch:
        if keeps:
            patch.setattr(window, "FEW", 0)
            patch.setattr(shelf, "WORTH_KEEPING_ROWS", 1)
            patch.setattr(shelf, "SPARE_PART", 1)
        _play(steps)


def _play(steps):
    async def night():
        store = ScriptedStore()
        store.say("p0", "p1", free=1)
        no_wait = replace(Time().pace(), sleep=lambda _: asyncio.sleep(0))
        async with Hub.open(store, no_wait) as hub:
            channel = await hub.channel(TERRITORY)
            ears = [Ear(channel) for _ in range(4)]
            for step, number in steps:
                await happen(step, number, store, channel, ears)
            store.is_lost = False
            store.stir()
            await until(lambda: channel.is_live and channel.board(None)[0].seq == store.seq)
            await until(lambda: channel.board(None)[0].epoch == store.epoch)
            for ear in ears:
                ear.resume()
            await channel.tick()
            assert [ear.board for ear in ears] == [board_of(store)] * len(ears)

    asyncio.run(night())


async def happen(step, number, store, channel, ears):
    ear = ears[number]
    match step:
        case "pause":
            ear.pause()
        case "resume":
            ear.resume()
        case "join":
            channel.leave(ear.reader)
            ears[number] = Ear(channel, ear.position, ear.board)
        case "leave":
            channel.leave(ear.reader)
            ears[number] = Ear(channel)
        case "turn":
            for _ in range(number):
                await asyncio.sleep(0)
        case _:
            await happen_to_the_store(step, number, store, channel)


async def happen_to_the_store(step, number, store, channel):
    match step:
        case "say":
            store.say(f"p{number}", f"p{number + 1}", free=number)
        case "late":
            store.say(None)
        case "gone":
            store.say(f"-p{number}")
        case "lose":
            store.lose()
        case "rebuild":
            store.lose()
            await until(lambda: not channel.is_live)
            store.rebuild(f"{store.epoch}+", max(1, store.seq - number))
