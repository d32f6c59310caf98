"""What has to come later is told so from its head, in our server and on a real socket; pressure is set by hand."""

import asyncio
import json
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from capacity.board.access import NOBODY
from capacity.board.pressure import TABLE, Kind
from capacity.services.doorkeeping import Doorkeeper
from capacity.services.shedding import Shedding
from capacity.vocabulary.roles import Role
from capacity.web.metrics import Metrics
from capacity.web.turning_away import MOST_HEARD_BYTES, TurningAway
from tests.raw_wire import JSON, POOL, told, until
from tests.serving import in_one_task, server_on
from tests.web_fixtures import is_problem
from tests.world import body_of, report


class Pressure:
    """What the server believes to be under; `shedding` looks at the real store's calls."""

    def __init__(self, world) -> None:
        self.is_full = False
        self.shedding = Shedding(
            calls=world.live.under_way, waiting=world.database.waiting, is_hashing_full=lambda: self.is_full,
            chance=lambda: 0.5,
        )  # fmt: skip

    def lag(self, seconds):
        self.shedding.lag_seconds = seconds


@pytest.fixture
def pressure(world):
    world.doorkeeper = Doorkeeper(world.credentials, clock=world.clock, nobody=NOBODY)
    return Pressure(world)


@pytest.fixture
async def served(world, pressure):
    turning_away = TurningAway(pressure.shedding, world.doorkeeper.recognise)
    async with in_one_task(server_on(world, turning_away=turning_away)) as served:
        yield served


@pytest.fixture
async def token(house):
    """An operator's, whom this server has seen before."""
    secret = await house.token(Role.OPERATOR)
    await house.doorkeeper.look()
    return secret


@pytest.fixture
def signed(token):
    return {**JSON, b"authorization": b"Bearer " + token.encode()}


def count(occupied=3):
    return body_of([report("count", POOL, occupied=occupied)])


async def test_more_pressure_refuses_kind_after_kind_and_staff_last(http, house, pressure, token):
    here = f"/v1/territories/{house.name}"
    signed = {"authorization": f"Bearer {token}"}
    board = (await http.get(f"{here}/board", headers=signed)).headers["etag"]

    async def refused():
        answers = {
            "history": await http.get(f"{here}/ledger", headers=signed),
            "anonymous": await http.get(f"{here}/availability?women=1"),
            "stranger": await http.get(f"{here}/availability?women=1", headers={"authorization": "Bearer nobody's"}),
            "board": await http.get(f"{here}/board", headers=signed),
            "recheck": await http.get(f"{here}/board", headers={**signed, "if-none-match": board}),
            "search": await http.get(f"{here}/availability?women=1", headers=signed),
            "holds": await http.get(f"{here}/holds", headers=signed),
            "report": await http.post(f"{here}/reports", content=count(), headers=signed),
            "health": await http.get("/healthz"),
        }
        return {name for name, answer in answers.items() if answer.status_code == 503}

    assert not await refused()
    steps = {}
    for lag in (0.125, 0.475, 0.875, 1.25, 1.75, 3.75):
        pressure.lag(lag)
        steps[lag] = await refused()
    assert list(steps.values()) == [
        set(),
        {"history", "anonymous", "stranger"},
        {"history", "anonymous", "stranger", "board"},
        {"history", "anonymous", "stranger", "board", "recheck"},
        {"history", "anonymous", "stranger", "board", "recheck", "search", "holds"},
        {"history", "anonymous", "stranger", "board", "recheck", "search", "holds", "report"},
    ]
    pressure.lag(0)
    assert not await refused()


async def test_a_report_that_is_refused_leaves_no_trace_and_its_connection_goes_on(line, house, pressure, signed):
    seq = await house.seq()
    async with line() as wire:
        assert (await wire.ask(count(), signed))[0] == "HTTP/1.1 200 OK"
        pressure.lag(5)
        for _ in range(3):
            status, headers, body = await wire.ask(count(7), {**signed, b"X-Request-ID": b"tablet-7"})
            assert status == "HTTP/1.1 503 Service Unavailable"
            assert int(headers["retry-after"]) in range(*TABLE[Kind.REPORTING].retry_seconds)
            assert (headers["x-request-id"], headers["x-content-type-options"]) == ("tablet-7", "nosniff")
            assert (headers["content-type"], headers["cache-control"]) == ("application/problem+json", "no-store")
            assert json.loads(body)["type"] == "/problems/overloaded"
        pressure.lag(0)
        assert (await wire.ask(count(), signed))[0] == "HTTP/1.1 200 OK"
    assert await house.seq() == seq + 2


async def test_nothing_is_done_for_what_is_refused(line, served, pressure, signed):
    async def run(*_arguments):
        raise AssertionError("it came to the application")

    async with line() as wire:
        await wire.ask(count(), signed)
        pressure.lag(5)
        (connection,) = served.server.server_state.connections
        connection.app = run
        for body, headers in ((b"{", signed), (b"", signed), (count(), {b"content-type": b"text/plain"})):
            assert (await wire.ask(body, headers))[0].split()[1] == "503"
        assert not served.server.server_state.tasks


async def test_bodies_in_pieces_and_in_chunks_are_heard_out(line, pressure, signed):
    pressure.lag(5)
    async with line() as wire:
        for cut in (1, 60, -40, -1):
            whole = wire.request(count(), signed)
            await wire.say(whole[:cut])
            await asyncio.sleep(0)
            await wire.say(whole[cut:])
            assert (await wire.hear())[0].split()[1] == "503", cut
        chunked = b"5\r\nabcde\r\n0\r\n\r\n"
        assert (await wire.ask(chunked, {**signed, b"transfer-encoding": b"chunked"}))[0].split()[1] == "503"


async def test_a_body_without_end_is_cut_off(line, pressure, signed):
    pressure.lag(5)
    async with line() as wire:
        head = wire.request(b"", {**signed, b"transfer-encoding": b"chunked"})
        await wire.say(head + b"%x\r\n" % (8 * MOST_HEARD_BYTES) + b"a" * (MOST_HEARD_BYTES + 1))
        status, headers, _ = await wire.hear()
        assert (status.split()[1], headers["connection"]) == ("503", "close")


async def test_who_waits_to_be_asked_for_its_body_is_told_at_once(line, pressure, signed):
    pressure.lag(5)
    async with line() as wire:
        await wire.say(
            wire.request(count(), {**signed, b"expect": b"100-continue"}).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        )
        status, headers, _ = await wire.hear()
        assert (status.split()[1], headers["connection"]) == ("503", "close")
        assert await wire.ended()


async def test_who_stands_behind_a_request_under_way_is_served_in_its_turn(
    line, served, house, pressure, signed, monkeypatch
):
    kept = []
    monkeypatch.setattr(house.live, "send", kept.append)
    async with line() as wire:
        (connection,) = served.server.server_state.connections
        await wire.say(wire.request(count(), signed))
        await until(lambda: kept)
        pressure.lag(5)
        await wire.say(wire.request(count(), signed) * 2)
        await until(lambda: len(connection.pipeline) == 2)
        kept.pop().deliver([b"applied", b"7", b"{}", b""])
        assert [(await wire.hear())[0].split()[1] for _ in range(3)] == ["200"] * 3
        assert (await wire.ask(count(), signed))[0].split()[1] == "503"


async def test_a_head_request_has_no_body_and_http_1_0_is_closed(served, pressure):
    pressure.lag(5)
    raw = await served.exchange(b"HEAD /maraude HTTP/1.0\r\n\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"connection: close" in head
    assert body == b""


async def test_who_opens_a_page_is_told_in_french_and_it_comes_back_by_itself(http, pressure):
    pressure.lag(5)
    page = await http.get("/maraude", headers={"accept": "text/html,*/*"})
    assert page.status_code == 503
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["refresh"] == page.headers["retry-after"]
    assert "Le service est très demandé" in page.text
    assert is_problem(await http.get("/maraude"), 503, "overloaded")


async def test_new_readers_come_later_and_those_who_are_in_stay_served(served, house, pressure, token, caplog):
    address = f"ws://127.0.0.1:{served.port}/v1/territories/{house.name}/feed"
    signed = {"Authorization": f"Bearer {token}"}
    async with connect(address, additional_headers=signed) as reader:
        assert json.loads(await reader.recv())["complete"]
        pressure.lag(5)
        with pytest.raises(InvalidStatus) as refused:
            await connect(address, additional_headers=signed)
        answer = refused.value.response
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) in range(*TABLE[Kind.JOINING].retry_seconds)
        assert json.loads(answer.body)["type"] == "/problems/overloaded"
        await house.post(report("count", POOL, occupied=9))
        async with asyncio.timeout(10):
            while not (rows := json.loads(await reader.recv())["rows"]):
                pass
        assert rows[0]["occupied"] == 9
        pressure.lag(0)
        async with connect(address, additional_headers=signed) as second:
            assert json.loads(await second.recv())["complete"]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_who_signs_in_while_all_hashes_are_taken_is_told_before_its_body_is_read(http, pressure):
    pressure.is_full = True
    assert is_problem(await http.post("/v1/session", content=b"{"), 503, "too-busy")
    assert (await http.get("/v1/session")).status_code == 200
    pressure.is_full = False
    assert is_problem(await http.post("/v1/session", content=b"{"), 422, "invalid-body")


async def test_what_is_refused_is_counted_by_kind(http, pressure):
    pressure.lag(5)
    for _ in range(3):
        await http.get("/maraude")
    metrics = Metrics()
    metrics.watch_shedding(pressure.shedding)
    said = metrics.text().decode()
    assert 'capacity_shed_total{kind="board"} 3.0' in said
    assert 'capacity_shed_total{kind="reporting"} 0.0' in said
    assert "capacity_event_loop_lag_seconds 5.0" in said


async def test_a_store_that_takes_its_time_never_has_more_than_so_many_reports_waiting(line, house, signed):
    """Real load in short: forty senders at once, where twenty more may wait."""
    gathering, most = house.live._ways.all()[0].gathering, TABLE[Kind.REPORTING].calls
    go, exchange = asyncio.Event(), gathering._exchange

    async def slow(calls):
        await go.wait()
        await exchange(calls)

    gathering._exchange, gathering._deadline_seconds = slow, 60
    before = await house.seq()
    others = [gathering.call("PING") for _ in range(most - 20)]
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(line()) for _ in range(40)]
        for wire in wires:
            await wire.say(wire.request(count(), signed))
        answers = [asyncio.create_task(wire.hear()) for wire in wires]
        async with asyncio.timeout(30):
            while sum(answer.done() for answer in answers) < 20:
                await asyncio.sleep(0.005)
        assert {answer.result()[0].split()[1] for answer in answers if answer.done()} == {"503"}
        assert house.live.under_way() == most
        go.set()
        said = [(await answer)[0].split()[1] for answer in answers]
        await asyncio.gather(*others)
        assert said.count("200") == said.count("503") == 20
        assert (await wires[0].ask(count(), signed))[0] == "HTTP/1.1 200 OK"
    assert await house.seq() == before + 21


async def test_both_ways_are_turned_away_alike(line, pressure, signed):
    pressure.lag(5)
    answers = []
    for straight in (True, False):
        async with line(straight=straight) as wire:
            answers.append(told(await wire.ask(count(), signed)))
    assert answers[0] == answers[1]
