"""A service that is away for a moment is asked again; one that never answered is not waited for."""

import httpx2
import pytest

from capacity.commands.service import Service
from capacity.errors import ServiceRefused, ServiceUnreachable

BOARD = {"epoch": "e", "seq": 0, "server_time": "2026-11-22T22:41:07.120Z", "rows": []}


def service_of(*answers):
    """A service that gives these answers in turn, and a list of how long it was waited for."""
    left, waited = list(answers), []

    def answer(request):
        given = left.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    async def wait(seconds):
        waited.append(seconds)

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer), base_url="http://board.test")
    return Service(http, "http://board.test", clock=lambda: 0, wait=wait), waited


def board():
    return httpx2.Response(200, json=BOARD)


def problem(status, **headers):
    body = {"type": "/problems/x", "title": "Cannot", "status": status, "detail": "It cannot be done."}
    return httpx2.Response(status, json=body, headers=headers)


async def test_a_lost_answer_is_asked_for_again():
    service, waited = service_of(board(), httpx2.ReadError("gone"), board())
    await service.board()
    await service.board()
    assert len(waited) == 1


async def test_a_503_waits_as_long_as_it_says():
    service, waited = service_of(problem(503, **{"retry-after": "2"}), board())
    await service.board()
    assert waited == [2]


async def test_a_budget_that_is_used_up_is_waited_for():
    service, waited = service_of(problem(429, **{"retry-after": "3"}), board())
    await service.board()
    assert waited == [3]


async def test_who_never_answered_is_given_up_at_once():
    service, waited = service_of(httpx2.ConnectError("refused"))
    with pytest.raises(ServiceUnreachable, match=r"http://board\.test does not answer"):
        await service.board()
    assert waited == []


async def test_who_stays_away_is_given_up_in_the_end():
    service, waited = service_of(board(), *[httpx2.ConnectError("refused")] * 6)
    await service.board()
    with pytest.raises(ServiceUnreachable):
        await service.board()
    assert waited == [0.5, 1, 2, 4, 8]


async def test_a_refusal_is_told_with_its_detail():
    service, _ = service_of(problem(422))
    with pytest.raises(ServiceRefused, match="answered 422: It cannot be done"):
        await service.board()


async def test_a_territory_that_there_is_not_has_no_pools():
    service, _ = service_of(problem(404))
    assert await service.pools() == set()
