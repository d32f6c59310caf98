"""What every request leaves behind, and what it never does."""

import asyncio
import errno
import json
import logging
import re
from types import SimpleNamespace

import httpx2
import pytest
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from capacity.services.channel import Channel
from capacity.web.observing import Observing
from tests.web_fixtures import is_problem
from tests.world import site


async def _well(_request: Request):
    return PlainTextResponse("well")


async def _broken(_request: Request):
    raise RuntimeError("token=abc")


@pytest.fixture
def observed():
    return []


@pytest.fixture
async def browser(observed):
    logging.getLogger("capacity.access").setLevel(logging.INFO)
    routes = [Route("/well/{name}", _well), Route("/broken", _broken)]
    app = Starlette(routes=routes, middleware=[Middleware(Observing, lambda *seen: observed.append(seen))])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://board.test") as browser:
        yield browser


async def lines_of(capfd):
    await asyncio.sleep(0)  # they are written at the end of the loop's turn
    return [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]


async def test_each_request_is_one_line_without_what_the_client_chose(browser, capfd):
    secrets = {"authorization": "Bearer abc", "cookie": "session=abc"}
    await browser.get("/well/marie?token=abc", headers=secrets)
    (line,) = await lines_of(capfd)
    assert line.pop("ms") >= 0
    assert line.pop("timestamp").endswith("+00:00")
    assert re.fullmatch("[0-9a-f]{16}", line.pop("request_id"))
    assert line == {"event": "request", "level": "info", "method": "GET", "route": "/well/{name}", "status": 200}


async def test_a_sane_request_id_is_kept_and_another_is_replaced(browser):
    kept = await browser.get("/well/x", headers={"x-request-id": "tablet-7.42_A"})
    assert kept.headers["x-request-id"] == "tablet-7.42_A"
    for insane in ("a b", "x" * 65, "", "é".encode(), "a;b", '"'):
        answer = await browser.get("/well/x", headers={"x-request-id": insane})
        assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"]), insane


async def test_a_fault_of_ours_is_a_problem_and_observed(browser, observed):
    answer = await browser.get("/broken")
    assert is_problem(answer, 500, "internal")
    assert "abc" not in answer.text
    assert observed[0][:3] == ("GET", "/broken", 500)


async def test_a_log_that_cannot_be_written_fails_no_request(browser, monkeypatch):
    def full(_line):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("capacity.web.observing.sys.stderr", SimpleNamespace(buffer=SimpleNamespace(write=full)))
    assert (await browser.get("/well/x")).text == "well"


async def test_nothing_is_sniffed(browser):
    assert (await browser.get("/well/x")).headers["x-content-type-options"] == "nosniff"


async def test_what_outlives_a_request_does_not_carry_its_id(client, world, monkeypatch):
    bound = asyncio.get_running_loop().create_future()

    async def tell(_channel):
        bound.set_result(structlog.contextvars.get_contextvars())

    monkeypatch.setattr(Channel, "keep_pace", tell)
    await world.put(site("halte", "halte.women"))
    await client.get(f"/v1/territories/{world.name}/board")
    assert "request_id" not in await bound
