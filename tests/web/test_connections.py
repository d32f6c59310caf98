"""How many connections may be open, in all and by one address."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from capacity.services.budgets import ReportBudget
from capacity.vocabulary.roles import Role
from capacity.web.connections import Connections
from tests.raw_wire import until
from tests.serving import in_one_task, server_on
from tests.web_fixtures import is_problem
from tests.world import report, site


class Transport:
    """Stands for a connection."""


def enter(connections, *addresses):
    return [connections.enter(Transport(), (address, 4_000)) for address in addresses]


def test_one_address_has_so_many_and_the_others_theirs():
    connections = Connections(100, 2)
    assert enter(connections, "10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2") == [True, True, False, True]


def test_an_ipv6_network_is_one_address_and_a_mapped_one_is_its_own():
    connections = Connections(100, 1)
    assert enter(connections, "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1") == [True, False, True]
    assert enter(connections, "::ffff:10.0.0.1", "10.0.0.1") == [True, False]


def test_what_is_closed_makes_room_once():
    connections = Connections(1, 1)
    first = Transport()
    assert connections.enter(first, ("10.0.0.1", 1))
    assert enter(connections, "10.0.0.2") == [False]
    connections.leave(first)
    connections.leave(first)
    connections.leave(Transport())
    assert len(connections) == 0
    assert enter(connections, "10.0.0.2", "10.0.0.2") == [True, False]


def test_this_machine_has_more_and_no_end_where_proxies_are_declared():
    many = ["127.0.0.1"] * 4
    assert enter(Connections(100, 2, most_of_this_machine=3), *many) == [True, True, True, False]
    declared = Connections(100, 2, most_of_this_machine=3, trusts=lambda client: client[0] == "10.0.0.9")
    assert all(enter(declared, *many, *["10.0.0.9"] * 4))
    assert enter(declared, *["10.0.0.1"] * 3) == [True, True, False]


def test_a_unix_socket_has_no_address_and_counts_in_all():
    connections = Connections(2, 1)
    assert [connections.enter(Transport(), None) for _ in range(3)] == [True, True, False]


@pytest.fixture
async def narrow(world):
    await world.put(site("halte", "halte.women"))
    async with in_one_task(server_on(world, connections=Connections(2, 2))) as served:
        yield served


async def test_one_too_many_is_told_so_and_has_to_leave(narrow, world):
    address = f"ws://127.0.0.1:{narrow.port}/v1/territories/{world.name}/feed"
    connections = narrow.server.config.connections
    async with connect(address) as reader:
        assert json.loads(await reader.recv())["complete"]
        _, idle = await asyncio.open_connection("127.0.0.1", narrow.port)
        await until(lambda: len(connections) == 2)
        raw = await narrow.exchange()
        head, _, body = raw.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 2" in head
        assert json.loads(body)["type"] == "/problems/too-many-connections"
        idle.close()
        await until(lambda: len(connections) == 1)
        assert (await narrow.exchange(b"GET /healthz HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    await until(lambda: len(connections) == 0)


async def test_a_credential_has_so_many_feeds_and_another_its_own(world, served, monkeypatch):
    await world.put(site("halte", "halte.women"))
    monkeypatch.setattr(world.feeds, "_most", 1)
    address = f"ws://127.0.0.1:{served.port}/v1/territories/{world.name}/feed"
    mine, yours = [{"Authorization": f"Bearer {await world.token(Role.WALL)}"} for _ in range(2)]
    async with connect(address, additional_headers=mine):
        with pytest.raises(InvalidStatus) as refused:
            await connect(address, additional_headers=mine)
        answer = refused.value.response
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
        assert json.loads(answer.body)["type"] == "/problems/too-many-requests"
        async with connect(address, additional_headers=yours) as reader:
            assert json.loads(await reader.recv())["complete"]
    await until(lambda: not world.feeds._open)


async def test_who_reports_too_much_is_told_when_to_come_back(world, http, monkeypatch):
    await world.put(site("halte", "halte.women"))
    monkeypatch.setattr(world.reporting, "_budget", ReportBudget(0.5, 1))
    headers = {"Authorization": f"Bearer {await world.token(Role.STAFF, 'halte')}"}
    address = f"/v1/territories/{world.name}/reports"

    async def post():
        return await http.post(address, json={"reports": [report("movement", "halte.women", delta=1)]}, headers=headers)

    assert (await post()).status_code == 200
    answer = await post()
    assert is_problem(answer, 429, "too-many-requests")
    assert answer.headers["retry-after"] in ("1", "2")
    assert (await http.get(f"/v1/territories/{world.name}/board", headers=headers)).status_code == 200
