"""The straight way of a plain report answers as the long way does, in our server and on a real socket."""

import asyncio
import io
import json
import logging
import re

import pytest
import structlog

from capacity.board.access import Caller, Grant
from capacity.errors import StoreUnavailable
from capacity.vocabulary.roles import Role
from tests.raw_wire import JSON, POOL, told, until
from tests.world import body_of, report


@pytest.fixture
def only_straight(house, monkeypatch):
    async def post(*_arguments):
        raise AssertionError("this came by the long way")

    monkeypatch.setattr(house.reporting, "post", post)


@pytest.fixture
def held(house, monkeypatch):
    """Calls of plain reports that the store does not answer before the test does."""
    calls = []
    monkeypatch.setattr(house.live, "send", calls.append)
    return calls


def count(**fields):
    return report("count", POOL, occupied=3, **fields)


async def test_a_plain_report_goes_straight(line, house, only_straight):
    async with line() as wire:
        for occupied in (4, 5):
            status, _, body = await wire.ask(body_of([report("count", POOL, occupied=occupied)]))
            (result,) = json.loads(body)["results"]
            assert (status, result["outcome"], result["row"]["occupied"]) == ("HTTP/1.1 200 OK", "applied", occupied)
    assert (await house.rows())[POOL]["occupied"] == 5


async def test_both_ways_answer_alike(line, house):
    said, unknown = body_of([count()]), body_of([report("count", "no.such", occupied=1)])
    answers = {}
    for straight in (True, False):
        async with line(straight=straight) as wire:
            await house.post(*json.loads(said)["reports"])
            answers[straight] = [
                told(await wire.ask(said)),
                told(await wire.ask(unknown)),
                told(await wire.ask(said, {**JSON, b"connection": b"close"})),
            ]
            assert await wire.ended()
    assert answers[True] == answers[False]


@pytest.mark.parametrize(
    ("headers", "how", "status"),
    [
        ({}, {}, 200),
        ({b"Content-Type": b'Application/JSON; charset="UTF-8"'}, {}, 200),
        (JSON, {"version": b"1.0"}, 200),
        ({**JSON, b"x-a": b"1", b"X-A": b"2"}, {}, 200),
        ({**JSON, b"content-encoding": b"identity"}, {}, 200),
        ({**JSON, b"origin": b"http://127.0.0.1"}, {}, 200),
        ({**JSON, b"origin": b"https://evil.example"}, {}, 403),
        ({**JSON, b"cookie": b"a=1; capacity=x"}, {}, 403),
        ({**JSON, b"cookie": b"capacity=x", b"origin": b"https://evil.example"}, {}, 403),
        ({**JSON, b"cookie": b"a=1"}, {}, 200),
        (JSON, {"host": b"evil.example"}, 421),
        ({b"content-type": b"text/plain"}, {}, 415),
        ({**JSON, b"content-encoding": b"gzip"}, {}, 415),
        (JSON, {"address": b"/v1/territories/nowhere/reports"}, 404),
        (JSON, {"address": b"/v1/territories/NO_SLUG/reports"}, 404),
    ],
)
async def test_what_is_not_plain_is_judged_as_ever(line, headers, how, status):
    for straight in (True, False):
        async with line(straight=straight) as wire:
            answer = await wire.ask(body_of([count()]), headers, **how)
            assert answer[0].split()[1] == str(status), straight


@pytest.mark.parametrize(
    "headers",
    [{b"authorization": b"Bearer nobody's"}, {b"cookie": b"capacity=nobody's", b"origin": b"http://127.0.0.1"}],
)
async def test_a_secret_that_opens_nothing_is_refused_on_both_ways(line, house, headers):
    seq = await house.seq()
    for straight in (True, False):
        async with line(straight=straight) as wire:
            assert (await wire.ask(body_of([count()]), {**JSON, **headers}))[0].split()[1] == "401", straight
    assert await house.seq() == seq


@pytest.mark.parametrize(
    ("grant", "status", "is_straight"),
    [
        (Grant(Role.OPERATOR), "200", True),
        (Grant(Role.MARAUDE), "403", False),
        (Grant(Role.STAFF, frozenset({"halte"})), "200", True),
    ],
)
async def test_who_may_report_here_goes_straight_from_the_next_request_on(
    line, house, monkeypatch, grant, status, is_straight
):
    ways = []
    post = house.reporting.post

    async def counted(*arguments):
        ways.append("long")
        return await post(*arguments)

    monkeypatch.setattr(house.reporting, "post", counted)
    async with line() as wire:
        assert (await wire.ask(body_of([count()])))[0] == "HTTP/1.1 200 OK"  # its head is known from now on
        monkeypatch.setattr(house.doorkeeper, "_nobody", Caller("somebody", elsewhere=grant))
        await house.directories.of(house.name)  # a service that runs has asked whose the pools are
        assert (await wire.ask(body_of([count()])))[0].split()[1] == status
    assert (status == "200" and not ways) == is_straight


async def test_other_writings_of_the_address_are_the_same_address(line, house):
    name = house.name.encode()
    async with line() as wire:
        for address in (
            b"/v1/territories/%b/reports?a=b" % name,
            b"/v1/territories/%%%02x%b/reports" % (name[0], name[1:]),
        ):
            status, _, _ = await wire.ask(body_of([count()]), address=address)
            assert status == "HTTP/1.1 200 OK", address


async def test_a_body_that_is_no_single_report_goes_the_long_way(line):
    async with line() as wire:
        for body, status in ((b"", 422), (b"{", 422), (b"[]", 422), (body_of([count(), count()]), 200)):
            assert (await wire.ask(body))[0].split()[1] == str(status), body
        _, _, body = await wire.ask(body_of([{**count(), "occupied": -1}]))
        assert json.loads(body)["results"][0]["problem"]["type"] == "/problems/invalid-report"


async def test_a_request_may_come_in_pieces_of_any_size(line):
    async with line() as wire:
        for cut in (1, 20, 60, -40, -1):
            whole = wire.request(body_of([count()]))
            await wire.say(whole[:cut])
            await asyncio.sleep(0)
            await wire.say(whole[cut:])
            status, _, body = await wire.hear()
            assert (status, json.loads(body)["results"][0]["outcome"]) == ("HTTP/1.1 200 OK", "applied"), cut


async def test_a_body_that_never_becomes_whole_has_the_deadline_of_every_body(line, monkeypatch):
    monkeypatch.setattr("capacity.web.bodies.DEADLINE_SECONDS", 0.05)
    async with line() as wire:
        await wire.say(wire.request(body_of([count()]))[:-1])
        status, headers, body = await wire.hear()
        assert (status, headers["connection"]) == ("HTTP/1.1 408 Request Timeout", "close")
        assert json.loads(body)["type"] == "/problems/too-slow"


async def test_a_chunked_body_and_one_that_waits_to_be_asked_for_arrive(line):
    body = body_of([count()])
    async with line() as wire:
        chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        assert (await wire.ask(chunked, {**JSON, b"transfer-encoding": b"chunked"}))[0] == "HTTP/1.1 200 OK"
        request = wire.request(body, {**JSON, b"expect": b"100-continue"})
        await wire.say(request[: -len(body)])
        assert await asyncio.wait_for(wire._reader.readuntil(b"\r\n\r\n"), 10) == b"HTTP/1.1 100 Continue\r\n\r\n"
        await wire.say(body)
        assert (await wire.hear())[0] == "HTTP/1.1 200 OK"


async def test_requests_sent_without_waiting_are_answered_in_their_order(line):
    said = [report("movement", POOL, delta=1) for _ in range(5)]
    async with line() as wire:
        await wire.say(b"".join(wire.request(body_of([each])) for each in said))
        results = [json.loads((await wire.hear())[2])["results"][0] for _ in said]
    assert [result["id"] for result in results] == [each["id"] for each in said]
    assert [result["seq"] for result in results] == list(range(results[0]["seq"], results[0]["seq"] + 5))


async def test_a_straight_one_does_not_overtake_one_on_the_long_way(line):
    long, straight = [count(), count()], [count()]
    async with line() as wire:
        await wire.say(wire.request(body_of(long)) + wire.request(body_of(straight)))
        for said in (long, straight):
            results = json.loads((await wire.hear())[2])["results"]
            assert [result["id"] for result in results] == [each["id"] for each in said]


async def test_its_id_its_line_and_its_metrics_are_those_of_every_request(line, served, http, only_straight):
    logging.getLogger("capacity.access").setLevel(logging.INFO)
    log = served.server.config.loaded_app.straight.observing._log = io.BytesIO()
    async with line() as wire:
        _, headers, _ = await wire.ask(body_of([count()]), {**JSON, b"X-Request-ID": b"tablet-7.42_A"})
        assert (headers["x-request-id"], headers["x-content-type-options"]) == ("tablet-7.42_A", "nosniff")
        _, headers, _ = await wire.ask(body_of([count()]), {**JSON, b"x-request-id": b"a b"})
        assert re.fullmatch("[0-9a-f]{16}", headers["x-request-id"])
    metrics = (await http.get("/metrics")).text
    route = "/v1/territories/{territory}/reports"
    assert f'capacity_http_requests_total{{method="POST",route="{route}",status="200"}} 2.0' in metrics
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (line_of_ours,) = [each for each in lines if each.get("request_id") == "tablet-7.42_A"]
    assert line_of_ours.pop("ms") >= 0
    assert line_of_ours.pop("timestamp").endswith("+00:00")
    expected = {"event": "request", "level": "info", "method": "POST", "route": route, "status": 200}
    assert line_of_ours == {**expected, "request_id": "tablet-7.42_A"}


async def test_another_body_for_an_id_is_remarked_under_the_requests_id(line, only_straight, monkeypatch):
    bound = []
    monkeypatch.setattr(
        "capacity.services.reporting.log.warning",
        lambda *_said, **_more: bound.append(structlog.contextvars.get_contextvars()["request_id"]),
    )
    said = count()
    async with line() as wire:
        await wire.ask(body_of([said]))
        await wire.ask(body_of([{**said, "occupied": 4}]), {**JSON, b"x-request-id": b"other"})
    assert bound == ["other"]


async def test_a_store_that_has_lost_the_functions_is_given_them_again(line, house):
    await house.redis.function_delete("capacity")
    async with line() as wire:
        _, _, body = await wire.ask(body_of([count()]))
    assert json.loads(body)["results"][0]["outcome"] == "applied"


async def test_without_the_live_store_503_says_when_to_come_back(line, held):
    async with line() as wire:
        await wire.say(wire.request(body_of([count()])))
        await until(lambda: held)
        held.pop().fail(ConnectionError())
        status, headers, body = await wire.hear()
        assert (status, headers["retry-after"]) == ("HTTP/1.1 503 Service Unavailable", "2")
        assert (headers["content-type"], headers["cache-control"]) == ("application/problem+json", "no-store")
        assert json.loads(body)["type"] == "/problems/store-unavailable"
        await wire.say(wire.request(body_of([count()])))  # the connection lives on
        await until(lambda: held)
        held.pop().deliver([b"applied", b"7", b"{}", b""])
        assert (await wire.hear())[0] == "HTTP/1.1 200 OK"


async def test_a_store_that_takes_nothing_is_told_by_the_long_way(line, house, monkeypatch):
    def refuse(*_arguments):
        raise StoreUnavailable

    monkeypatch.setattr(house.live, "send", refuse)
    monkeypatch.setattr(house.live, "ask", refuse)
    async with line() as wire:
        assert (await wire.ask(body_of([count()])))[0] == "HTTP/1.1 503 Service Unavailable"


async def test_a_fault_of_ours_is_a_problem(line, held):
    async with line() as wire:
        await wire.say(wire.request(body_of([count()])))
        await until(lambda: held)
        held.pop().deliver([b"no reply of ours"])
        status, _, body = await wire.hear()
        assert (status.split()[1], json.loads(body)["type"]) == ("500", "/problems/internal")


async def test_a_client_that_leaves_before_its_answer_disturbs_nobody(line, held, served):
    async with line() as leaving, line() as staying:
        for wire in (leaving, staying):
            await wire.say(wire.request(body_of([count()])))
        await until(lambda: len(held) == 2)
        await leaving.leave()
        await until(lambda: len(served.server.server_state.connections) == 1)
        for call in held:
            call.deliver([b"applied", b"7", b"{}", b""])
        assert (await staying.hear())[0] == "HTTP/1.1 200 OK"
        assert not served.server.server_state.tasks


async def test_a_report_under_way_is_answered_when_the_server_stops(line, held, served):
    async with line() as wire:
        await wire.say(wire.request(body_of([count()])))
        await until(lambda: held)
        stopping = asyncio.create_task(served.stop())
        await until(lambda: not served.server.servers[0].is_serving())
        held.pop().deliver([b"applied", b"7", b"{}", b""])
        status, headers, _ = await wire.hear()
        assert (status, headers["connection"]) == ("HTTP/1.1 200 OK", "close")
        await stopping


async def test_a_report_that_outlasts_the_grace_is_told_to_come_again(line, held, served):
    async with line() as wire:
        await wire.say(wire.request(body_of([count()])))
        await until(lambda: held)
        await served.stop()
        status, _, body = await wire.hear()
        assert (status.split()[1], json.loads(body)["type"]) == ("503", "/problems/stopping")
        held.pop().deliver([b"applied", b"7", b"{}", b""])  # too late, and nothing breaks


async def test_a_connection_that_stays_silent_after_its_answer_is_closed(line, served):
    served.server.config.timeout_keep_alive = 0.05
    async with line() as wire:
        await wire.ask(body_of([count()]))
        assert await wire.ended()


async def test_who_does_not_read_gets_no_more_answers_until_it_does(line, served, house):
    async with line() as wire:
        (connection,) = served.server.server_state.connections
        connection.pause_writing()
        seq = await house.seq()
        await wire.say(wire.request(body_of([count()])))
        await until(lambda: served.server.server_state.tasks)
        async with asyncio.timeout(10):
            while await house.seq() == seq:
                await asyncio.sleep(0.005)
        assert not wire._reader._buffer
        connection.resume_writing()
        assert (await wire.hear())[0] == "HTTP/1.1 200 OK"
