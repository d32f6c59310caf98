"""Readers on real sockets, on a lane and on a server that has none, with a store and a clock that tests command."""

import asyncio
import contextlib
import json
import socket
from dataclasses import dataclass, replace

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from capacity.board.access import Action
from capacity.services import waves
from capacity.services.broadcasting import Hub
from capacity.services.budgets import FeedBudget
from capacity.services.channel import Channel, Pace
from capacity.services.doorkeeping import Doorkeeper
from capacity.web import lane
from capacity.web.access import Guard
from capacity.web.feed import feed
from capacity.web.lane import LaneProtocol
from tests.scripted_store import TERRITORY, ScriptedStore
from tests.world import EVERYTHING

BIG = "x" * 30_000
A_FEW_ROWS = [f"p{number}" for number in range(10)]


class Time:
    now = 1000.0


@dataclass
class Stage:
    """A server with one territory; `connections` are the server's own."""

    store: ScriptedStore
    hub: Hub
    channel: Channel
    server: uvicorn.Server
    url: str
    time: Time
    running: "asyncio.Task[None]"
    guard: Guard
    budget: FeedBudget

    @property
    def connections(self):
        return self.server.server_state.connections

    async def stop(self):
        self.server.should_exit = True
        await self.running

    @contextlib.asynccontextmanager
    async def sleeper(self, *, has_stalled=True, says=None):
        """A client that reads only when asked, and by now holds all that its buffers take: it is skipped."""
        stream = socket.socket()
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stream.setblocking(False)
        port = int(self.url.rsplit(":")[-1].split("/")[0])
        await asyncio.get_running_loop().sock_connect(stream, ("127.0.0.1", port))
        options = {"max_queue": 1, "max_size": None, "ping_interval": None, "compression": None}
        client = await connect(self.url, sock=stream, **options)
        if has_stalled:
            await self._until_it_is_skipped(says or (lambda: self.store.say(*A_FEW_ROWS, pad=BIG)))
        yield client
        client.transport.abort()

    async def _until_it_is_skipped(self, say):
        while not self.hub.counters.skipped:
            ticks = self.hub.counters.ticks
            say()
            await until(lambda ticks=ticks: self.hub.counters.ticks > ticks)


async def until(is_so):
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0)


class Follower:
    """A client's board, by the reader's rule: the stamp of each row."""

    def __init__(self, client):
        self.client, self.board, self.seq = client, {}, None

    async def read_to(self, seq):
        while self.seq != seq:
            message = json.loads(await asyncio.wait_for(self.client.recv(), 10))
            assert message["complete"] or message["since"] <= self.seq <= message["seq"]
            self.board = {} if message["complete"] else self.board
            self.board |= {row["pool"]: row["seq"] for row in message["rows"]}
            self.seq = message["seq"]


async def goodbye(client):
    """The code with which a client is closed, whatever it has still to read before."""
    try:
        async with asyncio.timeout(10):
            while True:
                await client.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code


@pytest.fixture(params=[LaneProtocol, WebSocketsSansIOProtocol], ids=["lane", "plain"])
def protocol(request):
    return request.param


@pytest.fixture
def config():
    return {}


@pytest.fixture
async def stage(protocol, config):
    store, time = ScriptedStore(), Time()
    store.say("a", "b", free=3)
    pace = Pace(heartbeat_seconds=3600, stall_seconds=60, clock=lambda: 0, monotonic=lambda: time.now)
    async with Hub.open(store, pace) as hub:
        channel = await hub.channel(TERRITORY)

        budget = FeedBudget()
        guard = Guard(
            Action.READ_BOARD, Doorkeeper(None, clock=lambda: 0, nobody=replace(EVERYTHING, credential="one")), None
        )

        async def endpoint(websocket):
            await feed(hub, guard, budget, websocket)

        app = Starlette(routes=[WebSocketRoute("/v1/territories/{territory}/feed", endpoint)])
        limits = {"ws_max_size": 4096, "ws_ping_interval": None, "log_config": None, "lifespan": "off"}
        server = uvicorn.Server(uvicorn.Config(app, ws=protocol, **limits | config))
        server.capture_signals = contextlib.nullcontext
        with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
            running = asyncio.create_task(server.serve([listener]))
            url = f"ws://127.0.0.1:{listener.getsockname()[1]}/v1/territories/{TERRITORY}/feed"
            stage = Stage(store, hub, channel, server, url, time, running, guard, budget)
            yield stage
            await stage.stop()


async def test_a_reader_hears_the_catch_up_and_then_the_news(stage):
    async with connect(stage.url) as client:
        assert json.loads(await client.recv())["complete"]
        stage.store.say("a", free=1)
        message = json.loads(await client.recv())
    assert (message["since"], message["seq"], [row["free"] for row in message["rows"]]) == (2, 3, [1])
    await until(lambda: stage.hub.counters.readers == 0)


@pytest.mark.parametrize("window_bits", [None, 9, 12, 15])
@pytest.mark.parametrize("keeps_context", [True, False])
async def test_any_window_reads_what_was_deflated_once_for_all(stage, window_bits, keeps_context):
    offer = ClientPerMessageDeflateFactory(
        server_max_window_bits=window_bits, server_no_context_takeover=not keeps_context
    )
    stage.store.say(*(f"p{number}" for number in range(300)), note="not small")
    async with (
        connect(stage.url, extensions=[offer], compression=None) as deflating,
        connect(stage.url, compression=None) as plain,
    ):
        assert await deflating.recv() == await plain.recv()
        for _ in range(3):
            stage.store.say(*(f"p{number}" for number in range(300)), note="not small")
            assert await deflating.recv() == await plain.recv()


async def test_one_that_stops_reading_is_skipped_and_catches_up_when_it_reads(stage):
    async with stage.sleeper() as sleeper, connect(stage.url, max_size=None) as other:
        slow, quick = Follower(sleeper), Follower(other)
        for free in range(20):
            stage.store.say(*A_FEW_ROWS, free=free)
        for follower in (quick, slow):
            await follower.read_to(stage.store.seq)
        assert slow.board == quick.board == {pool: kept.seq for pool, kept in stage.store.rows.items()}
        stage.store.say("a", free=0)
        await slow.read_to(stage.store.seq)
        assert slow.board["a"] == stage.store.seq


async def test_for_one_that_stops_reading_no_more_than_one_message_waits(stage):
    async with stage.sleeper(), connect(stage.url, max_size=None) as other:
        quick = Follower(other)
        for _ in range(20):
            stage.store.say(*A_FEW_ROWS, pad=BIG)
            await quick.read_to(stage.store.seq)
        held = [connection.transport.get_write_buffer_size() for connection in stage.connections]
        assert 0 < max(held) <= len(A_FEW_ROWS) * (len(BIG) + 100)


async def test_one_that_stopped_reading_for_a_minute_is_sent_away(stage):
    async with stage.sleeper() as sleeper:
        stage.time.now += 60
        stage.channel.close_stalled()
        assert stage.hub.counters.stalled == 1
        assert await goodbye(sleeper) == 1013


async def test_one_reader_that_sleeps_holds_nobody_up(stage):
    async with stage.sleeper(), connect(stage.url, max_size=None) as other:
        quick = Follower(other)
        stage.store.say("a", free=0)
        await quick.read_to(stage.store.seq)


@pytest.mark.parametrize("junk", [b"x" * 4097, "y" * 4097, b"z" * 3_000_000], ids=["binary", "text", "much"])
async def test_more_than_4_kib_in_one_message_is_too_much(stage, junk):
    async with connect(stage.url, compression=None) as client:
        with contextlib.suppress(ConnectionClosed):
            await client.send(junk)
        assert await goodbye(client) == 1009
    await until(lambda: stage.hub.counters.readers == 0)


@pytest.mark.parametrize("junk", [b"x" * 1000, "y" * 1000, "é" * 500])
async def test_more_than_4_kib_by_and_by_is_too_much(stage, junk):
    async with connect(stage.url) as client:
        for _ in range(4):
            await client.send(junk)
        stage.store.say("a", free=0)
        await Follower(client).read_to(stage.store.seq)
        await client.send(junk)
        assert await goodbye(client) == 1009
    assert stage.hub.counters.readers == 0


async def test_text_that_is_no_text_ends_only_its_own_connection(stage):
    async with connect(stage.url, compression=None) as client, connect(stage.url) as other:
        await client.send(b"\xff\xfe", text=True)
        assert await goodbye(client) == 1007
        stage.store.say("a", free=0)
        await Follower(other).read_to(stage.store.seq)


async def test_shutdown_says_1012_to_everybody(stage):
    clients = [await connect(stage.url) for _ in range(3)]
    await stage.stop()
    assert [await goodbye(client) for client in clients] == [1012] * 3


async def test_a_reader_that_leaves_without_a_word_is_forgotten(stage):
    client = await connect(stage.url)
    client.transport.abort()
    await until(lambda: stage.hub.counters.readers == 0)
    stage.store.say("a", free=0)
    async with connect(stage.url) as other:
        await Follower(other).read_to(stage.store.seq)


class TestLane:
    """What only a lane promises."""

    @pytest.fixture
    def protocol(self):
        return LaneProtocol

    async def test_all_readers_share_the_bytes_and_no_reader_costs_a_context(self, stage):
        async with connect(stage.url) as first, connect(stage.url) as second:
            written = []
            for connection in stage.connections:
                assert connection.conn.extensions[0].local_no_context_takeover
            for readers in stage.channel.whole._crowd._by_form.values():
                for reader in readers:
                    reader.write = written.append
            stage.store.say("a", "b", note="long" * 500)
            await until(lambda: len(written) == 2)
            assert written[0] is written[1]
            assert len(written[0]) < 300
            del first, second

    async def test_nothing_runs_for_a_reader_that_only_reads(self, stage):
        """No task, no coroutine and no handshake is kept for it, and it is still one of the readers."""
        async with connect(stage.url) as client:
            await until(lambda: stage.hub.counters.readers == 1 and not stage.server.server_state.tasks)
            (connection,) = stage.connections
            assert not {"scope", "request", "response"} & set(vars(connection))
            stage.store.say("a", free=0)
            await Follower(client).read_to(stage.store.seq)
        await until(lambda: stage.hub.counters.readers == 0)

    async def test_a_reader_gives_its_place_back(self, stage):
        clients = [await connect(stage.url) for _ in range(3)]
        await until(lambda: stage.hub.counters.readers == 3)
        assert sum(stage.budget._open.values()) == len(stage.guard._doorkeeper._inside) == 3
        for client in clients:
            client.transport.abort()
        await until(lambda: not stage.connections)
        assert not stage.budget._open
        assert not stage.guard._doorkeeper._inside

    async def test_what_the_kernel_does_not_take_is_one_message_at_most(self, stage):
        """However small the messages are, the server heaps up none of them for one that sleeps."""
        async with stage.sleeper(says=lambda: stage.store.say("a", pad="x" * 1000)):
            (connection,) = stage.connections
            assert 0 < connection.buffered_bytes() < 1200

    async def test_shutdown_says_to_each_when_to_come_again(self, stage, monkeypatch):
        chances = iter([0.0, 0.25, 0.5, 0.75])
        monkeypatch.setattr(lane, "random", lambda: next(chances))
        monkeypatch.setattr(waves, "JOIN_SECONDS", 0.5)
        clients = [await connect(stage.url) for _ in range(4)]
        await stage.stop()
        for client in clients:
            assert await goodbye(client) == 1012
        said = sorted(client.close_reason for client in clients)
        assert said == ["again in 0 ms", "again in 1000 ms", "again in 1500 ms", "again in 500 ms"]

    async def test_shutdown_waits_for_no_one_that_sleeps(self, stage, monkeypatch):
        monkeypatch.setattr(lane, "GOODBYE_SECONDS", 0.05)
        async with stage.sleeper(), asyncio.timeout(5):
            await stage.stop()

    async def test_one_that_leaves_without_reading_the_rest_is_cut(self, stage, monkeypatch):
        monkeypatch.setattr(lane, "GOODBYE_SECONDS", 0.05)
        async with stage.sleeper() as sleeper:
            sleeper.transport.pause_reading()
            sleeper.transport.write_eof()
            await until(lambda: not stage.connections)

    async def test_one_that_pings_and_does_not_read_gets_no_heap_of_pongs(self, stage):
        pings = 0

        def count():
            nonlocal pings
            pings += 1
            handle_ping()

        async with stage.sleeper() as sleeper:
            (connection,) = stage.connections
            held, handle_ping, connection.handle_ping = connection.buffered_bytes(), connection.handle_ping, count
            for _ in range(100):
                await sleeper.ping()
            await until(lambda: pings == 100)
            assert connection.buffered_bytes() == held

    async def test_one_lost_during_the_handshake_is_no_reader(self, stage, monkeypatch):
        accept = LaneProtocol.send

        async def accept_and_lose(self, message):
            await accept(self, message)
            self.transport.abort()

        monkeypatch.setattr(LaneProtocol, "send", accept_and_lose)
        with pytest.raises((ConnectionClosed, OSError, EOFError)):
            async with connect(stage.url) as client:
                await client.recv()
        await until(lambda: not stage.connections)
        assert (stage.hub.counters.readers, stage.hub.counters.catchups) == (0, 0)

    @pytest.mark.parametrize("config", [{"ws_ping_interval": 0.01, "ws_ping_timeout": 0.01}])
    @pytest.mark.usefixtures("config")
    async def test_one_that_answers_no_ping_has_stopped_reading(self, stage):
        async with stage.sleeper(has_stalled=False) as sleeper:
            sleeper.transport.pause_reading()
            await until(lambda: stage.hub.counters.readers == 0)
            sleeper.transport.resume_reading()
            assert await goodbye(sleeper) == 1013
