"""A revoked device is out within two seconds: at every server, and out of every feed that it has open."""

import asyncio
import json
from contextlib import AsyncExitStack, suppress
from uuid import uuid4

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from capacity.board.access import Grant
from capacity.board.clocks import system_clock
from capacity.services.admitting import Admitting
from capacity.store.credentials import CredentialKind, CredentialStore
from capacity.store.postgres import Database
from capacity.vocabulary.roles import Role
from tests.crash.serving import line_to, serve_process
from tests.tokens import admin_of
from tests.world import site

OUT_SECONDS = 2.0
FEEDS_EACH = 3


@pytest.fixture
async def device(database, territory):
    """A tablet that was let in: its id and its secret."""
    async with Database.open(database) as opened:
        admitting = Admitting(CredentialStore(opened), clock=system_clock)
        grants = {territory: Grant(Role.STAFF, frozenset({"halte"}))}
        yield await admitting.admit(CredentialKind.DEVICE, "tablet", lasts=None, grants=grants)


@pytest.fixture
async def servers(redis_url, database, territory):
    """Two servers on the same stores, a site on their board, and a line of an admin to the first."""
    async with AsyncExitStack() as stack:
        serves = [await stack.enter_async_context(serve_process(redis_url, database)) for _ in range(2)]
        await asyncio.gather(*(serve.until_ready() for serve in serves))
        admin = await stack.enter_async_context(line_to(serves[0].port, await admin_of(database, territory)))
        halte = site("halte", "halte.women").model_dump(mode="json")
        async with asyncio.timeout(30):
            while (await admin.ask("PUT", f"/v1/territories/{territory}/sites/halte", halte))[0] >= 300:
                await asyncio.sleep(0.05)  # the stores are looked at while requests are answered
        yield [serve.port for serve in serves], admin


async def until_closed(reader):
    with suppress(ConnectionClosed):
        async for _ in reader:  # what is not read keeps the goodbye behind it from being heard
            pass
    return reader.close_code


async def until_refused(line, territory):
    """Report again and again until that is refused."""
    while True:
        body = {"reports": [{"id": str(uuid4()), "type": "count", "pool": "halte.women", "occupied": 3}]}
        status, _ = await line.ask("POST", f"/v1/territories/{territory}/reports", body)
        if status != 200:
            return status
        await asyncio.sleep(0.02)


async def test_a_revoked_device_is_out_of_every_server_and_every_feed(servers, device, territory):
    ports, admin = servers
    headers = {"Authorization": f"Bearer {device.secret}"}
    async with AsyncExitStack() as stack:
        feeds = [
            await stack.enter_async_context(
                connect(f"ws://127.0.0.1:{port}/v1/territories/{territory}/feed", additional_headers=headers)
            )
            for port in ports
            for _ in range(FEEDS_EACH)
        ]
        for feed in feeds:
            assert json.loads(await feed.recv())["complete"]
        lines = [await stack.enter_async_context(line_to(port, device.secret)) for port in ports]
        waiting = [asyncio.create_task(until_closed(feed)) for feed in feeds]
        waiting += [asyncio.create_task(until_refused(line, territory)) for line in lines]
        assert (await admin.ask("GET", f"/v1/territories/{territory}/devices"))[0] == 200
        assert not any(task.done() for task in waiting)
        async with asyncio.timeout(OUT_SECONDS):
            status, _ = await admin.ask("DELETE", f"/v1/territories/{territory}/devices/{device.credential}")
            outcomes = await asyncio.gather(*waiting)
        assert status == 204
        assert outcomes == [1008] * len(feeds) + [401] * len(lines)


async def test_a_device_that_is_let_in_is_let_in_everywhere_at_once(servers, territory):
    ports, admin = servers
    async with line_to(ports[1]) as screen:
        _, told = await screen.ask("POST", "/v1/devices/authorization", {"client_id": "wall"})
        request = f"/v1/territories/{territory}/devices/requests/{told['user_code']}"
        assert (await admin.ask("POST", request, {"decision": "approve", "role": "wall"}))[0] == 200
        poll = {
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": "wall",
            "device_code": told["device_code"],
        }  # fmt: skip
        status, given = await screen.ask("POST", "/v1/devices/token", poll)
        assert status == 200
    for port in ports:
        async with line_to(port, given["access_token"]) as screen:
            assert (await screen.ask("GET", f"/v1/territories/{territory}/board"))[0] == 200
