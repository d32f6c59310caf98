"""Reports over HTTP: what the wire says of the envelope; what each report does is tested on the store."""

import json

import pytest

from capacity.errors import StoreUnavailable
from tests.web_fixtures import is_problem
from tests.world import body_of, command_id, report, site

MIB = 1 << 20
JSON = {"content-type": "application/json"}


@pytest.fixture
async def address(world):
    await world.put(site("halte", "halte.women"))
    return f"/v1/territories/{world.name}/reports"


async def test_each_report_gets_its_result_in_order(client, address):
    count = report("count", "halte.women", occupied=3)
    answer = await client.post(address, json={"reports": [count, report("count", "nowhere", occupied=1), count]})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    applied, rejected, duplicate = answer.json()["results"]
    assert (applied["id"], applied["outcome"], applied["row"]["free"]) == (count["id"], "applied", 7)
    assert (rejected["outcome"], rejected["problem"]["type"]) == ("rejected", "/problems/unknown-pool")
    assert (duplicate["outcome"], duplicate["seq"]) == ("duplicate", applied["seq"])


async def test_a_report_is_on_the_board_at_the_number_it_was_given(client, world, address):
    seq = (await client.post(address, json={"reports": [report("count", "halte.women", occupied=4)]})).json()
    seq = seq["results"][0]["seq"]
    board = (await client.get(f"/v1/territories/{world.name}/board")).json()
    while board["seq"] < seq:
        board = (await client.get(f"/v1/territories/{world.name}/board")).json()
    assert [(row["pool"], row["seq"], row["occupied"]) for row in board["rows"]] == [("halte.women", seq, 4)]


DEEP = b"[" * 100_000
BAD_BODIES = {
    "empty": b"",
    "not JSON": b"{",
    "not an object": b"[]",
    "a number": b"1",
    "no reports": b"{}",
    "none of them": b'{"reports": []}',
    "reports of another type": b'{"reports": {"id": 1}}',
    "another member": b'{"reports": [{}], "more": 1}',
    "not UTF-8": b'{"reports": ["\xff"]}',
    "UTF-16": '{"reports": []}'.encode("utf-16"),
    "deep": DEEP,
    "deep inside": b'{"reports": ' + DEEP,
    "NaN": b'{"reports": [NaN]}',
    "a lone surrogate": b'{"reports": [{"id": "\\ud800"}]}',
    "no id": b'{"reports": [{"type": "count", "pool": "p", "occupied": 1}]}',
    "no moment": b'{"sent_at": "yesterday", "reports": [{}]}',
    "too many": body_of([{"id": command_id(n)} for n in range(1001)]),
    "a number without end": b'{"reports": [{"id": ' + b"9" * 10_000 + b"}]}",
}


async def test_a_body_that_is_no_batch_is_told_and_takes_nothing(client, world, address):
    before = await world.seq()
    for name, body in BAD_BODIES.items():
        answer = await client.post(address, content=body, headers=JSON)
        assert is_problem(answer, 422, "invalid-body"), name
        assert all({"loc", "msg"} == set(found) for found in answer.json()["errors"]), name
    assert await world.seq() == before


BAD_REPORTS = [
    {"occupied": -1},
    {"occupied": 100_001},
    {"occupied": 1.5},
    {"occupied": "1"},
    {"occupied": True},
    {"occupied": 10**400},
    {"occupied": None},
    {"type": "coup"},
    {"type": None},
    {"pool": "NO SLUG"},
    {"pool": "a" * 121},
    {"observed_at": "2026-11-22"},
    {"observed_at": "0001-01-01T00:00:00+23:59"},
    {"observed_at": 5},
    {"more": 1},
]


async def test_one_bad_report_does_not_stop_the_others(client, address):
    known = {"/problems/invalid-report", "/problems/too-old"}
    for change in BAD_REPORTS:
        bad = report("count", "halte.women", occupied=1) | change
        good = report("count", "halte.women", occupied=2)
        answer = await client.post(address, json={"reports": [bad, good]})
        assert answer.status_code == 200, change
        first, second = answer.json()["results"]
        assert (first["id"], first["outcome"], second["outcome"]) == (bad["id"], "rejected", "applied"), change
        assert first["problem"]["type"] in known, change


async def test_nan_in_a_report_is_its_own_problem(client, address):
    body = body_of([report("count", "halte.women", occupied=0)]).replace(b'"occupied": 0', b'"occupied": NaN')
    answer = await client.post(address, content=body, headers=JSON)
    assert answer.status_code == 200
    assert answer.json()["results"][0]["outcome"] == "rejected"


async def test_a_body_of_one_mib_is_taken_and_one_byte_more_is_not(client, address):
    whole = body_of([report("count", "halte.women", occupied=1)])
    assert (await client.post(address, content=whole.ljust(MIB), headers=JSON)).status_code == 200
    answer = await client.post(address, content=whole.ljust(MIB + 1), headers=JSON)
    assert is_problem(answer, 413, "body-too-large")


async def test_a_body_that_never_says_how_long_it_is_is_cut_off(http, world):
    await world.put(site("halte", "halte.women"))

    async def endless():
        for _ in range(40):
            yield b" " * 65_536

    answer = await http.post(f"/v1/territories/{world.name}/reports", content=endless(), headers=JSON)
    assert is_problem(answer, 413, "body-too-large")


async def test_json_is_taken_under_its_names_and_nothing_else(client, address):
    body = body_of([report("count", "halte.women", occupied=1)])
    for other in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""):
        answer = await client.post(address, content=body, headers={"content-type": other})
        assert is_problem(answer, 415, "unsupported-media-type"), other
    for headers in ({}, JSON, {"content-type": 'Application/JSON; charset="UTF-8"'}):
        assert (await client.post(address, content=body, headers=headers)).status_code == 200, headers


async def test_a_compressed_body_is_refused(client, address):
    answer = await client.post(address, content=b"x", headers={**JSON, "content-encoding": "gzip"})
    assert is_problem(answer, 415, "unsupported-media-type")


async def test_an_unknown_territory_is_404(client):
    body = body_of([report("count", "halte.women", occupied=1)])
    for territory_id in ("nowhere", "NO_SLUG", "75}:x", "a" * 41):
        answer = await client.post(f"/v1/territories/{territory_id}/reports", content=body, headers=JSON)
        assert is_problem(answer, 404, "unknown-territory"), territory_id


async def test_without_the_live_store_503_says_when_to_come_back(client, world, address, monkeypatch):
    def lost(*_arguments):
        raise StoreUnavailable

    monkeypatch.setattr(world.live, "ask", lost)
    body = {"reports": [report("count", "halte.women", occupied=1)]}
    answer = await client.post(address, json=body)
    assert is_problem(answer, 503, "store-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    monkeypatch.undo()
    assert (await client.post(address, json=body)).json()["results"][0]["outcome"] == "applied"


async def test_numbers_are_written_as_whole_numbers(client, address):
    answer = await client.post(address, json={"reports": [report("count", "halte.women", occupied=100_000)]})
    row = json.loads(answer.content, parse_float=pytest.fail)["results"][0]["row"]
    assert (row["occupied"], row["over"]) == (100_000, 99_990)
