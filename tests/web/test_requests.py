"""Requests over HTTP: what an operator writes down, what the night adds up to, and each named problem."""

import asyncio

import pytest

from capacity.board.nights import Night
from capacity.vocabulary.words import UnmetReason
from tests.web_fixtures import is_problem
from tests.world import NOW_MS, new_id, site

REQUEST = {
    "id", "seq", "opened_at", "party", "needs", "channel", "area", "state", "reason", "hold", "household", "closed_at",
}  # fmt: skip


class Operator:
    """What an operator asks of the service."""

    def __init__(self, client, territory):
        self.client = client
        self.base = f"/v1/territories/{territory}"

    async def open(self, request_id=None, **more):
        body = {"id": request_id or new_id(), "party": {"women": 1}, **more}
        return await self.client.post(f"{self.base}/requests", json=body)

    async def close(self, request_id, command=None, **outcome):
        body = {"id": command or new_id(), **outcome}
        return await self.client.post(f"{self.base}/requests/{request_id}/outcome", json=body)

    async def night(self, **query):
        return await self.client.get(f"{self.base}/requests", params=query)

    async def hold(self):
        body = {"id": new_id(), "lines": [{"pool": "halte.women", "places": 1}], "minutes": 45}
        return (await self.client.post(f"{self.base}/holds", json=body)).json()["hold"]["id"]


@pytest.fixture
async def operator(client, world):
    await world.put(site("halte", "halte.women"))
    return Operator(client, world.name)


def opened(answer):
    assert answer.status_code == 201, answer.text
    return answer.json()["request"]


async def test_a_request_is_opened_and_its_caller_is_told_a_code(operator):
    answer = await operator.open(party={"women": 1, "children": 2}, needs=["pets"], area="75018", channel="maraude")
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    told = answer.json()
    assert set(told) == {"request", "contact"}
    assert set(told["request"]) == REQUEST
    household = told["request"]["household"]
    assert told["request"] == {
        "id": told["request"]["id"], "seq": 2, "opened_at": "2026-11-22T22:41:07.120Z", "state": "open",
        "party": {"women": 1, "men": 0, "children": 2}, "needs": ["pets"], "channel": "maraude", "area": "75018",
        "reason": None, "hold": None, "household": household, "closed_at": None,
    }  # fmt: skip
    again = await operator.open(told["request"]["id"], party={"women": 1, "children": 2})
    assert (again.status_code, again.json()) == (200, told)


async def test_a_request_has_one_outcome(operator):
    request = opened(await operator.open())
    hold = await operator.hold()
    answer = await operator.close(request["id"], outcome="oriented", hold=hold)
    assert answer.status_code == 200
    closed = answer.json()["request"]
    assert (closed["state"], closed["hold"], closed["reason"]) == ("oriented", hold, None)
    assert closed["closed_at"] == "2026-11-22T22:41:07.120Z"
    second = await operator.close(request["id"], outcome="unmet", reason="no_place")
    assert is_problem(second, 409, "request-closed")
    assert second.json()["request"] == closed


async def test_two_operators_at_once_leave_one_outcome(operator):
    request = opened(await operator.open())
    answers = await asyncio.gather(
        *(operator.close(request["id"], outcome="unmet", reason=reason) for reason in UnmetReason)
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (len(UnmetReason) - 1)
    assert len({answer.json()["request"]["reason"] for answer in answers}) == 1


async def test_an_outcome_sent_again_is_the_same_answer(operator):
    request, command = opened(await operator.open()), new_id()
    first = await operator.close(request["id"], command, outcome="unmet", reason="too_far")
    again = await operator.close(request["id"].upper(), command, outcome="unmet", reason="too_far")
    assert (again.status_code, again.json()) == (200, first.json())


async def test_the_night_is_told_newest_first_with_its_sums(operator):
    first = await operator.open(party={"women": 1})
    await operator.open(party={"women": 1, "men": 1, "children": 1}, contact=first.json()["contact"])
    other = opened(await operator.open())
    await operator.close(other["id"], outcome="unmet", reason="no_fit")
    await operator.close(first.json()["request"]["id"], outcome="oriented", hold=await operator.hold())
    answer = await operator.night()
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert list(told) == ["night", "requests", "summary"]
    assert told["night"] == "2026-11-22"
    assert [request["state"] for request in told["requests"]] == ["unmet", "open", "oriented"]
    assert told["summary"] == {
        "requests": 3, "households": 2, "persons": 4, "open": 1, "oriented": 1,
        "unmet": {reason.value: int(reason == "no_fit") for reason in UnmetReason}, "empty_searches": 0,
    }  # fmt: skip
    shorter = (await operator.night(limit=1)).json()
    assert (shorter["requests"], shorter["summary"]) == (told["requests"][:1], told["summary"])


async def test_a_night_of_the_past_or_of_the_future_has_its_own_requests(operator, world):
    opened(await operator.open())
    world.clock.now_ms = Night.of(NOW_MS).end_ms
    assert (await operator.night()).json()["requests"] == []
    assert (await operator.night()).json()["night"] == "2026-11-23"
    assert len((await operator.night(night="2026-11-22")).json()["requests"]) == 1
    for night in ("2026-11-21", "2001-01-01", "2026-12-24"):
        assert (await operator.night(night=night)).json()["summary"]["requests"] == 0


@pytest.mark.parametrize(
    ("said", "loc"),
    [
        ({"party": {}}, ["party"]),
        ({"party": {"women": 51}}, ["party", "women"]),
        ({"party": {"women": 1, "names": ["no"]}}, ["party", "names"]),
        ({"party": None}, ["party"]),
        ({"needs": ["smoker"]}, ["needs", 0]),
        ({"channel": "prefecture"}, ["channel"]),
        ({"area": "Paris 18e"}, ["area"]),
        ({"contact": "M0R8"}, ["contact"]),
        ({"contact": 4}, ["contact"]),
        ({"id": "1"}, ["id"]),
        ({"note": "about a person"}, ["note"]),
    ],
)
async def test_a_request_of_the_wrong_shape_is_told_where(operator, world, said, loc):
    before = await world.seq()
    answer = await operator.open(**said)
    assert is_problem(answer, 422, "invalid-body")
    assert loc in [error["loc"] for error in answer.json()["errors"]]
    assert "M0R8" not in answer.text, "what was typed is not echoed: it is nearly a code"
    assert await world.seq() == before


@pytest.mark.parametrize(
    "outcome",
    [
        {},
        {"outcome": "unmet"},
        {"outcome": "unmet", "reason": "why not"},
        {"outcome": "oriented"},
        {"outcome": "oriented", "hold": "K7Q2"},
        {"outcome": "open"},
        {"outcome": ["unmet"]},
    ],
)
async def test_an_outcome_of_the_wrong_shape_is_refused_and_the_request_stays_open(operator, outcome):
    request = opened(await operator.open())
    assert is_problem(await operator.close(request["id"], **outcome), 422, "invalid-body")
    assert (await operator.night()).json()["summary"]["open"] == 1


async def test_each_problem_has_its_name(operator, client):
    request = opened(await operator.open())
    for unknown in (new_id(), "none", "NO-ID", "%00", "a" * 300):
        answer = await operator.close(unknown, outcome="unmet", reason="other")
        assert is_problem(answer, 404, "unknown-request"), unknown
    answer = await operator.close(request["id"], outcome="oriented", hold=new_id())
    assert is_problem(answer, 404, "unknown-hold")
    taken = await operator.close(request["id"], request["id"], outcome="unmet", reason="other")
    assert is_problem(taken, 409, "id-taken")
    assert is_problem(await operator.open(await operator.hold()), 409, "id-taken")
    assert (await operator.night()).json()["summary"]["open"] == 1
    for territory in ("nowhere", "NO SLUG", "%00"):
        elsewhere = Operator(client, territory)
        for asking in (elsewhere.open(), elsewhere.close(new_id(), outcome="unmet", reason="other"), elsewhere.night()):
            assert is_problem(await asking, 404, "unknown-territory"), territory


async def test_a_query_of_the_wrong_shape_is_told_where(operator):
    for query in ({"night": "tonight"}, {"night": "2026-02-30"}, {"night": "0001-01-01"}, {"night": "9999-12-31"},
                  {"limit": 0}, {"limit": 10_001}, {"limit": "1e3"}):  # fmt: skip
        answer = await operator.night(**query)
        assert is_problem(answer, 422, "invalid-query"), query
        assert answer.json()["errors"][0]["loc"] == list(query)
