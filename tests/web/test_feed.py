"""The board and its feed on the real stores, through the whole application on a real port."""

import asyncio
import json
import os
import signal
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from capacity.board.clocks import system_clock, to_ms
from capacity.services.channel import Pace
from tests.serving import Served, server_on
from tests.world import report, world_of

POOLS = ("halte.women", "halte.men", "halte.families")


class Screen:
    """A client that keeps a board by the reader's rule, through as many connections as it takes."""

    def __init__(self, served: Served, territory: str):
        self.url = f"ws://127.0.0.1:{served.port}/v1/territories/{territory}/feed"
        self.board, self.epoch, self.seq = {}, None, None
        self.messages = []

    @asynccontextmanager
    async def connected(self):
        query = "" if self.epoch is None else f"?epoch={self.epoch}&since={self.seq}"
        async with connect(self.url + query) as self.client:
            yield self

    async def hear(self):
        message = json.loads(await asyncio.wait_for(self.client.recv(), 10))
        self.messages.append(message)
        if message["complete"]:
            self.board = {}
        else:
            assert (message["epoch"], message["since"] <= self.seq) == (self.epoch, True)
        for row in message["rows"]:
            if row.get("gone"):
                self.board.pop(row["pool"], None)
            else:
                self.board[row["pool"]] = row
        self.epoch, self.seq = message["epoch"], message["seq"]
        return message

    async def hear_until(self, seq):
        while self.seq is None or self.seq < seq:
            await self.hear()
        return self.board


@pytest.fixture
async def screen(served, world):
    await world.open(*POOLS)
    return Screen(served, world.name)


@pytest.fixture
def address(world):
    return f"/v1/territories/{world.name}/board"


async def test_a_count_travels_from_thumb_to_wall(screen, world, http, address):
    async with screen.connected():
        assert set((await screen.hear())["rows"][0]) > {"pool", "seq", "free", "observed_at", "fresh_for"}
        assert set(screen.board) == set(POOLS)
        body = {"reports": [report("count", "halte.women", occupied=7)]}
        answer = await http.post(f"/v1/territories/{world.name}/reports", json=body)
        (result,) = answer.json()["results"]
        message = await screen.hear()
    assert message["rows"] == [result["row"]]
    assert (message["seq"], message["complete"]) == (result["seq"], False)
    told = (await http.get(address)).json()
    assert {row["pool"]: row for row in told["rows"]} == screen.board


async def test_a_batch_of_reports_is_few_messages_newest_rows_only(screen, world):
    async with screen.connected():
        await screen.hear()
        await world.post(*(report("movement", POOLS[number % 3], delta=1) for number in range(300)))
        await screen.hear_until(303)
    assert len(screen.messages) < 30
    assert screen.board == await world.rows()


async def test_a_screen_that_comes_back_gets_only_what_it_missed(screen, world):
    async with screen.connected():
        await screen.hear()
    await world.post(report("count", "halte.men", occupied=3))
    async with screen.connected():
        message = await screen.hear()
    assert (message["complete"], [row["pool"] for row in message["rows"]]) == (False, ["halte.men"])
    assert screen.board == await world.rows()


async def test_a_screen_of_another_epoch_starts_over(screen):
    screen.epoch, screen.seq, screen.board = "another", 2, {"ghost": {}}
    async with screen.connected():
        assert (await screen.hear())["complete"]
    assert set(screen.board) == set(POOLS)


async def test_a_pool_that_is_gone_leaves_the_screens(screen, served, world):
    async with screen.connected():
        await screen.hear()
        await world.remove("halte.men")
        assert (await screen.hear())["rows"] == [{"pool": "halte.men", "seq": 4, "gone": True}]
    late = Screen(served, world.name)
    async with late.connected():
        message = await late.hear()
    assert not [row for row in message["rows"] if "gone" in row]
    assert late.board == screen.board


async def test_many_reports_while_screens_come_and_go_leave_all_with_one_board(screen, world, served):
    """Two servers side by side, readers that join in the middle: everybody ends with the store's rows."""
    async with server_on(world) as other, AsyncExitStack() as stack:
        screens = [Screen(one, world.name) for one in (served, other, served, other)]
        posting = asyncio.create_task(_post_much(world))
        for one in screens:
            await stack.enter_async_context(one.connected())
            await one.hear()
            await world.post(report("movement", "halte.women", delta=1))
        await posting
        seq = await world.seq()
        boards = [await one.hear_until(seq) for one in screens]
    assert boards == [await world.rows()] * 4


async def _post_much(world):
    for number in range(30):
        await world.post(*(report("count", pool, occupied=number) for pool in POOLS))


async def test_a_screen_that_moves_to_a_server_that_lags_is_not_sent_back(screen, world):
    async with server_on(world) as other, screen.connected(), Screen(other, world.name).connected():
        await world.post(*(report("movement", "halte.women", delta=1) for _ in range(50)))
        await screen.hear_until(53)
        moved = Screen(other, world.name)
        moved.epoch, moved.seq = screen.epoch, screen.seq
        async with moved.connected():
            message = await moved.hear()
    assert (message["complete"], message["rows"], message["seq"]) == (False, [], 53)


@pytest.mark.parametrize("name", ["nowhere", "Nowhere", "75%7D", "%ff"])
async def test_the_feed_of_no_territory_is_refused_with_a_problem(served, name):
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{served.port}/v1/territories/{name}/feed")
    response = refused.value.response
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert json.loads(response.body)["type"] == "/problems/unknown-territory"


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "", "9" * 40, "%00"])
async def test_a_position_that_is_none_is_refused_on_both_doors(screen, http, address, since):
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"{screen.url}?epoch=e&since={since}")
    assert refused.value.response.status_code == 422
    assert json.loads(refused.value.response.body)["errors"][0]["loc"][0] == "since"
    assert (await http.get(f"{address}?epoch=e&since={since}")).status_code == 422


async def test_the_board_as_a_reader_needs_it(screen, world, http, address):
    whole = (await http.get(address)).json()
    assert (whole["complete"], whole["since"], whole["seq"]) == (True, None, 3)
    epoch = whole["epoch"]
    await world.post(report("count", "halte.men", occupied=3))
    async with screen.connected():
        await screen.hear_until(4)
    some = (await http.get(f"{address}?since=3&epoch={epoch}")).json()
    assert (some["complete"], some["since"], [row["pool"] for row in some["rows"]]) == (False, 3, ["halte.men"])
    for query in ("since=3", "since=3&epoch=other", f"epoch={epoch}", f"since=99&epoch={epoch}", "since=3&epoch="):
        assert (await http.get(f"{address}?{query}")).json()["complete"], query


async def test_a_board_that_the_client_has_is_304_until_a_row_changes(screen, world, http, address):
    first = await http.get(address)
    assert first.headers["cache-control"] == "private, no-cache"
    for known in (first.headers["etag"], f'"x", {first.headers["etag"]}', "*"):
        again = await http.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    since = await http.get(f"{address}?since=1&epoch={first.json()['epoch']}")
    assert since.headers["etag"] != first.headers["etag"]
    async with screen.connected():
        await world.post(report("count", "halte.men", occupied=3))
        await screen.hear_until(4)
    assert (await http.get(address, headers={"If-None-Match": first.headers["etag"]})).status_code == 200


async def test_heartbeats_tell_the_servers_time(world):
    await world.open(*POOLS)
    async with server_on(world, pace=Pace(heartbeat_seconds=0.02, clock=system_clock)) as served:
        screen = Screen(served, world.name)
        async with screen.connected():
            beats = [await screen.hear() for _ in range(4)][1:]
    assert [beat["rows"] for beat in beats] == [[]] * 3
    times = [beat["server_time"] for beat in beats]
    assert times == sorted(set(times))


async def test_shutdown_says_1012(screen, served):
    async with screen.connected():
        await screen.hear()
        await served.stop()
        with pytest.raises(ConnectionClosed) as closed:
            await screen.hear()
    assert closed.value.rcvd.code == 1012


@pytest.mark.crash
async def test_while_redis_is_away_screens_hear_nothing_and_all_goes_on_when_it_is_back(
    valkey_of_its_own, database, territory
):
    """Law 7: the sockets stand, but nothing is said that would look live, and a new reader is refused."""
    valkey, pid = valkey_of_its_own()
    async with world_of(valkey.url, database, territory) as world, AsyncExitStack() as stack:
        await world.open(*POOLS)
        served = await stack.enter_async_context(server_on(world, pace=Pace(heartbeat_seconds=0.002)))
        http = await stack.enter_async_context(httpx2.AsyncClient(base_url=served.url))
        screen = await stack.enter_async_context(Screen(served, territory).connected())
        await screen.hear()
        os.kill(pid, signal.SIGKILL)
        refused = await _until_refused(http, territory)
        assert "retry-after" in refused.headers
        away_ms = system_clock()
        with pytest.raises(InvalidStatus) as upgrade:
            await connect(screen.url)
        assert upgrade.value.response.status_code == 503
        for _ in range(20):
            await _until_refused(http, territory)
        back_ms = system_clock()
        valkey_of_its_own()
        while told_ms(await screen.hear()) < back_ms:
            pass
        body = {"reports": [report("count", "halte.men", occupied=3)]}
        while (await http.post(f"/v1/territories/{territory}/reports", json=body)).status_code != 200:
            pass
        assert await screen.hear_until(4) == await world.rows()
    assert back_ms - away_ms > 10
    assert not [message for message in screen.messages if away_ms < told_ms(message) < back_ms]


def told_ms(message):
    return to_ms(datetime.fromisoformat(message["server_time"]))


async def _until_refused(http, territory):
    while (answer := await http.get(f"/v1/territories/{territory}/board")).status_code != 503:
        pass
    return answer
