"""What every answer tells a browser, whatever it is an answer to."""

import re

import httpx2
import pytest
from starlette.routing import Route, WebSocketRoute
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from capacity.web.defences import HTTPS_LINES, PLAIN_LINES, defended
from tests.raw_wire import JSON, told
from tests.serving import app_on, in_one_task
from tests.web_fixtures import is_problem
from tests.world import body_of, command_id, report, site

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
VALUES = {"site": "halte", "pool": "halte.women", "hold": command_id(1), "request": command_id(2)}
KEPT = re.compile(
    r"/($|mur|maraude|regulation|halte/|connexion|appareil|admin|ecrans|accessibilite|public/|assets/|docs|openapi\.json|donnees|sw\.js|early\.js|manifest\.webmanifest|hors-ligne\.|icons/)|/v1/[^/]+/[^/]+/(board|sites)$"
)
"""What a browser may keep, at least to ask about it again."""


def is_defended(headers):
    assert {name: headers.get(name) for name in ALWAYS} == ALWAYS
    assert "camera=()" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy or "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy, "no third party"
    return True


def walked(app, territory):
    """Each address of the application with each of its methods, and one that it does not know."""
    for route in app.routes:
        if isinstance(route, Route):
            path = re.sub(r"{(\w+)(?::\w+)?}", lambda name: VALUES.get(name[1], territory), route.path)
            for method in sorted({*(route.methods or ()), "PATCH"}):
                yield method, path


async def test_every_answer_of_every_address_is_defended(world):
    await world.put(site("halte", "halte.women"))
    seen = set()
    async with in_one_task(app_on(world)) as app:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://board.test") as client:
            for method, path in [*walked(app, world.name), ("GET", "/nowhere"), ("GET", "/v1/territories/nowhere")]:
                answer = await client.request(method, path)
                seen.add(answer.status_code)
                assert is_defended(answer.headers), (method, path)
                assert "strict-transport-security" not in answer.headers
                if not KEPT.match(path):
                    assert answer.headers["cache-control"] == "no-store", (method, path)
    assert {200, 404, 405, 422} <= seen


async def test_refusals_on_the_way_are_defended_too(client):
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}, {"authorization": "Bearer nobody's"}):
        answer = await client.put("/v1/territories/75/sites/a", json={}, headers=headers)
        assert answer.status_code in (401, 403, 421)
        assert is_defended(answer.headers)


async def test_both_ways_of_a_report_are_defended_alike(line, house, monkeypatch):
    answers, long_ways = [], []
    post = house.reporting.post

    async def counted(*arguments):
        long_ways.append(1)
        return await post(*arguments)

    monkeypatch.setattr(house.reporting, "post", counted)
    for straight in (True, False):
        async with line(straight=straight) as wire:
            answer = await wire.ask(body_of([report("count", "halte.women", occupied=3)]))
            assert is_defended(answer[1])
            answers.append(told(answer)[:2])
    assert answers[0] == answers[1]
    assert len(long_ways) == 1


async def test_what_the_parser_refuses_is_defended(served):
    answer = (await served.exchange(b"nonsense\r\n\r\n")).decode()
    head, _, _ = answer.partition("\r\n\r\n")
    assert is_defended(dict(line.split(": ", 1) for line in head.split("\r\n")[1:]))


async def test_over_tls_a_browser_is_told_to_come_back_that_way_only(world):
    async with in_one_task(app_on(world)) as app:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://board.test") as client:
            for address in ("/healthz", "/nowhere", "/donnees"):
                answer = await client.get(address)
                assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert b"strict-transport-security" in HTTPS_LINES
    assert b"strict-transport-security" not in PLAIN_LINES


def test_what_an_answer_says_of_itself_stands():
    said = [(b"cache-control", b"no-cache"), (b"content-security-policy", b"default-src 'self'")]
    headers = defended(said, is_https=False)
    assert headers[:2] == said
    assert len({name for name, _ in headers}) == len(headers)


async def test_who_asked_is_part_of_what_may_be_kept(client, world):
    await world.put(site("halte", "halte.women"))
    for path in ("sites", "board"):
        address = f"/v1/territories/{world.name}/{path}"
        first = await client.get(address)
        again = await client.get(address, headers={"if-none-match": first.headers["etag"]})
        assert (first.status_code, again.status_code) == (200, 304)
        for answer in (first, again):
            assert answer.headers["cache-control"] == "private, no-cache"
            assert answer.headers["vary"] == "Authorization, Cookie, Accept-Encoding"


@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        ({}, True),
        ({"cookie": "other=1"}, True),
        ({"cookie": "capacity=x"}, False),
        ({"cookie": "a=1; capacity=x; b=2"}, False),
        ({"cookie": 'capacity="x"', "origin": "null"}, False),
        ({"cookie": "capacity=x", "origin": "http://board.test"}, True),
        ({"cookie": "capacity=x", "origin": "https://board.test"}, True),
        ({"cookie": "capacity=x", "origin": "http://board.test.evil"}, False),
        ({"cookie": "capacity=x", "authorization": "Bearer x"}, True),
    ],
)
async def test_a_write_by_our_cookie_names_an_origin_of_ours(client, headers, is_let_in):
    for method in ("PUT", "DELETE"):
        answer = await client.request(method, "/v1/territories/75/sites/a", json={}, headers=headers)
        if is_let_in:
            assert answer.status_code != 403, method
        else:
            assert is_problem(answer, 403, "foreign-origin"), method


async def test_over_tls_a_page_that_came_without_it_is_another_site(world):
    async with in_one_task(app_on(world)) as app:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://board.test") as client:
            for origin, status in (("http://board.test", 403), ("https://board.test", 422)):
                answer = await client.put("/v1/territories/75/sites/a", json={}, headers={"origin": origin})
                assert answer.status_code == status


async def test_a_read_by_our_cookie_needs_no_origin(client, world):
    await world.put(site("halte"))
    answer = await client.get(f"/v1/territories/{world.name}/sites", headers={"cookie": "capacity=x"})
    assert is_problem(answer, 401, "not-signed-in")


async def test_a_socket_by_our_cookie_names_an_origin_of_ours(served, world):
    await world.put(site("halte", "halte.women"))
    address = f"ws://127.0.0.1:{served.port}/v1/territories/{world.name}/feed"
    cookie = {"cookie": "capacity=x"}
    for origin, status in ((None, 403), ("https://evil.example", 403), (served.url, 401)):
        with pytest.raises(InvalidStatus) as refused:
            await connect(address, origin=origin, additional_headers=cookie)
        assert refused.value.response.status_code == status, origin
        assert is_defended({name.lower(): value for name, value in refused.value.response.headers.raw_items()})
        assert b"/problems/" in refused.value.response.body
    async with connect(address, origin=served.url):
        pass


def test_no_socket_stands_outside_of_the_check(served):
    sockets = [route.path for route in served.server.config.loaded_app.routes if isinstance(route, WebSocketRoute)]
    assert sockets == ["/v1/territories/{territory}/feed"]


async def test_a_plain_report_needs_no_cookie(line):
    async with line() as wire:
        assert (await wire.ask(body_of([report("count", "halte.women", occupied=3)]), JSON))[0] == "HTTP/1.1 200 OK"
