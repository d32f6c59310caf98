"""The straight way of a hold answers as the long way does, in our server and on a real socket."""

import json

import pytest

from capacity.board.access import Caller, Grant
from capacity.vocabulary.roles import Role
from tests.raw_wire import JSON, POOL, told
from tests.world import new_id


@pytest.fixture
def address(house):
    return b"/v1/territories/%b/holds" % house.name.encode()


@pytest.fixture
def ways(house, monkeypatch):
    """By which way each hold was decided."""
    taken = []
    create, created = house.holding.create, house.holding._created
    monkeypatch.setattr(house.holding, "create", lambda *said, **more: taken.append("long") or create(*said, **more))
    monkeypatch.setattr(house.holding, "_created", lambda reply: taken.append("straight") or created(reply))
    return taken


def hold(**more):
    return {"id": new_id(), "lines": [{"pool": POOL, "places": 1}], "minutes": 45, **more}


def plain(answer):
    """An answer without what is another one's own: its moment, its number, its code."""
    status, _, headers, body = told(answer)
    shown = json.loads(body)
    for one in [shown.get("hold", {}), *shown.get("rows", [])]:
        for name in ("id", "seq", "code", "held", "free"):
            one.pop(name, None)
    return status, {**headers, "location": headers.get("location", "")[:-36], "content-length": ""}, shown


async def test_a_hold_of_the_115_goes_straight(line, house, address, ways):
    said = hold(party={"women": 1})
    async with line() as wire:
        status, headers, body = await wire.ask(json.dumps(said).encode(), address=address)
    granted = json.loads(body)
    assert (status, ways) == ("HTTP/1.1 201 Created", ["straight"])
    assert headers["location"] == f"{address.decode()}/{said['id']}"
    assert granted["rows"] == [(await house.rows())[POOL]]
    assert granted["hold"]["party"] == {"women": 1, "men": 0, "children": 0}
    assert ("create", "done") in house.observed


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, 201),
        ({"lines": [{"pool": POOL, "places": 50}]}, 409),
        ({"lines": [{"pool": "no.such", "places": 1}]}, 404),
        ({"lines": []}, 422),
        ({"minutes": 4}, 422),
        ({"channel": "maraude"}, 201),
        ({"id": "none"}, 422),
    ],
)
async def test_both_ways_answer_alike(line, address, more, status):
    answers = []
    for straight in (True, False):
        async with line(straight=straight) as wire:
            answers.append(plain(await wire.ask(json.dumps(hold(**more)).encode(), address=address)))
    assert answers[0][0].split()[1] == str(status)
    assert answers[0] == answers[1]


async def test_the_same_hold_again_is_told_by_the_long_way(line, address, ways):
    said = json.dumps(hold()).encode()
    async with line() as wire:
        first, again = await wire.ask(said, address=address), await wire.ask(said, address=address)
    assert (first[0], again[0]) == ("HTTP/1.1 201 Created", "HTTP/1.1 200 OK")
    assert first[2] == again[2]
    assert ways == ["straight", "straight", "long"]


async def test_another_channel_and_another_role_go_the_long_way(line, house, address, ways, monkeypatch):
    async with line() as wire:
        assert (await wire.ask(json.dumps(hold(channel="maraude")).encode(), address=address))[0].endswith("Created")
        maraude = Caller("somebody", elsewhere=Grant(Role.MARAUDE))
        monkeypatch.setattr(house.doorkeeper, "_nobody", maraude)
        await wire.ask(json.dumps(hold()).encode(), {**JSON, b"x-again": b"1"}, address=address)
    assert ways == ["long", "long"]
