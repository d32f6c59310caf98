"""The demo goes through the doors of a real service, once."""

import pytest

from capacity.demo import load as load_module
from capacity.demo import paris
from capacity.demo.load import load_demo
from capacity.errors import StartFailed
from tests.world import HOUR_MS


async def load(served, world, told=None):
    return await load_demo(served.url, world.clock, (lambda *_: None) if told is None else told, territory=world.name)


async def test_paris_is_on_the_board_with_its_first_reports(served, world):
    told = []
    assert await load(served, world, lambda done, total: told.append((done, total)))
    rows = await world.rows()
    assert len(rows) == 600
    assert (rows["halte-hotel-de-ville.women"]["free"], rows["halte-hotel-de-ville.women"]["held"]) == (2, 2)
    assert {row["status"] for row in rows.values()} == {"open", "closed", "suspended", "draining"}
    assert any(row["over"] for row in rows.values())
    assert any(row["observed_at"] is None for row in rows.values())
    assert told[-1] == (300, 300)
    outcomes = {command["outcome"] for command in await world.commands()}
    assert outcomes == {"applied"}


async def test_the_evening_has_holds_requests_places_kept_and_one_disagreement(served, world, http):
    assert await load(served, world)
    at = f"/v1/territories/{world.name}"
    holds = (await http.get(f"{at}/holds")).json()["holds"]
    assert len(holds) == 11
    assert {hold["channel"] for hold in holds} == {"115", "maraude", "site"}
    ends = [hold["expires_at"] for hold in holds]
    assert len(set(ends)) > 8
    assert all(hold["party"] for hold in holds)

    night = (await http.get(f"{at}/requests")).json()
    assert night["summary"]["requests"] == 22
    assert night["summary"]["households"] == 21
    assert night["summary"]["oriented"] == 16
    assert night["summary"]["open"] == 1
    assert night["summary"]["unmet"] == {
        "no_place": 2, "no_fit": 1, "too_far": 1, "line_cut": 1, "refused": 0, "no_transport": 0, "other": 0,
    }  # fmt: skip
    ended = [
        (await http.get(f"{at}/holds/{request['hold']}")).json()["hold"]
        for request in night["requests"]
        if request["hold"]
    ]
    assert sorted(hold["reason"] or hold["state"] for hold in ended if hold["state"] != "active") == [
        "arrived", "arrived", "cancelled", "no_show", "no_show",
    ]  # fmt: skip
    assert sum(hold["disputed"] for hold in ended) == 1

    rows = await world.rows()
    for line in (line for hold in holds for line in hold["lines"]):
        assert rows[line["pool"]]["over"] == 0, "nobody is promised a place that the reports do not have"
    kept = {pool: row["contingents"] for pool, row in rows.items() if row["contingents"]}
    assert 15 < len(kept) < 30
    assert all(pool.startswith(("halte", "cite-des-dames")) for pool in kept)
    assert kept["halte-hotel-de-ville.women"] == [
        {"channel": "maraude", "places": 2, "until": "2026-11-23T05:00:00.000Z", "held": 1}
    ]


async def test_a_second_load_changes_nothing(served, world):
    assert await load(served, world)
    before = await world.seq()
    assert not await load(served, world)
    assert await world.seq() == before


async def test_a_load_that_was_cut_off_is_completed(served, world):
    for site in paris.sites()[:5]:
        await world.put(site)
    assert await load(served, world)
    assert len(await world.rows()) == 600


async def test_a_load_that_was_cut_off_among_the_households_is_completed_much_later(served, world, monkeypatch):
    async def cut_off(*_):
        raise StartFailed("cut off")

    few = paris.sites()[:40]
    monkeypatch.setattr(load_module, "sites", lambda: few)
    with monkeypatch.context() as patch:
        patch.setattr(load_module, "_post", cut_off)
        with pytest.raises(StartFailed, match="cut off"):
            await load(served, world)
    world.clock.forward(24 * HOUR_MS)
    assert await load(served, world)
    assert (await world.rows())["halte-hotel-de-ville.women"]["observed_at"]


async def test_a_service_that_does_not_answer_is_one_sentence(world):
    with pytest.raises(StartFailed, match=r"The demo could not be loaded: http://127\.0\.0\.1:9/"):
        await load_demo("http://127.0.0.1:9", world.clock, lambda *_: None)
