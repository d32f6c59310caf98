"""The demo goes through the doors of a real service, once."""

import pytest

from capacity.demo import paris
from capacity.demo.load import load_demo
from capacity.errors import StartFailed


async def load(served, world, told=None):
    return await load_demo(served.url, world.clock, (lambda *_: None) if told is None else told, territory=world.name)


async def test_paris_is_on_the_board_with_its_first_reports(served, world):
    told = []
    assert await load(served, world, lambda done, total: told.append((done, total)))
    rows = await world.rows()
    assert len(rows) == 600
    assert rows["halte-hotel-de-ville.women"]["free"] == 3
    assert {row["status"] for row in rows.values()} == {"open", "closed", "suspended", "draining"}
    assert any(row["over"] for row in rows.values())
    assert any(row["observed_at"] is None for row in rows.values())
    assert told[-1] == (300, 300)
    outcomes = {command["outcome"] for command in await world.commands()}
    assert outcomes == {"applied"}


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


async def test_a_service_that_does_not_answer_is_one_sentence(world):
    with pytest.raises(StartFailed, match=r"The demo could not be loaded: http://127\.0\.0\.1:9/"):
        await load_demo("http://127.0.0.1:9", world.clock, lambda *_: None)
