"""A live store that was lost goes on after the ledger's last number, in a new epoch. Laws 6 and 8."""

import itertools
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from capacity.errors import StoreUnavailable
from capacity.services.budgets import ReportBudget
from capacity.services.directory import Directories
from capacity.services.recording import Recording
from capacity.services.registering import Registering
from capacity.services.reporting import Reporting
from capacity.store.ledger import LedgerStore
from capacity.store.live import LiveStore
from capacity.store.postgres import Database
from capacity.store.registry import RegistryStore
from capacity.wire.registry import Site
from tests.world import may_report, plain_client

NOW_MS = 1_795_000_000_000
SITE = Site.model_validate(
    {
        "id": "halte",
        "name": "Halte",
        "kind": "women_halte",
        "pools": [{"id": "halte.women", "audience": "women", "capacity": 39}],
    }
)


@dataclass
class House:
    """One territory's services on real stores, with a clock that stands still."""

    live: LiveStore
    ledger: LedgerStore
    registering: Registering
    reporting: Reporting
    recording: Recording


@pytest.fixture
async def house(redis_url: str, database: str) -> AsyncIterator[House]:
    numbers = itertools.count(1)
    async with AsyncExitStack() as stack:
        live = await stack.enter_async_context(LiveStore.open(redis_url))
        await live.prepare()
        postgres = await stack.enter_async_context(Database.open(database))
        ledger, registry = LedgerStore(postgres), RegistryStore(postgres)
        yield House(
            live,
            ledger,
            Registering(registry, live, clock=lambda: NOW_MS, new_id=lambda: str(uuid.UUID(int=next(numbers)))),
            Reporting(
                live,
                Directories(registry, clock=lambda: NOW_MS),
                clock=lambda: NOW_MS,
                observe=lambda *_: None,
                budget=ReportBudget(),
            ),
            Recording(live, ledger, registry, clock=lambda: NOW_MS),
        )


async def lose(redis_url: str, territory: str) -> None:
    async with plain_client(redis_url) as client:
        await client.delete(*[key async for key in client.scan_iter(f"{{{territory}}}:*")])


async def count(house: House, territory: str, occupied: int) -> dict[str, object]:
    report = {"id": str(uuid.uuid4()), "type": "count", "pool": "halte.women", "occupied": occupied}
    answer = json.loads(await house.reporting.post(territory, json.dumps({"reports": [report]}).encode(), may_report()))
    result: dict[str, object] = answer["results"][0]
    return result


async def test_a_lost_territory_goes_on_after_the_ledgers_last_number_in_a_new_epoch(
    house: House, redis_url: str, territory: str
) -> None:
    await house.registering.put(territory, SITE)
    await count(house, territory, 36)
    assert await house.recording.catch_up(territory) == 2
    before = await house.live.position(territory)
    await lose(redis_url, territory)

    assert await house.registering.mend() == {territory: 1}
    after = await house.live.position(territory)
    assert before is not None
    assert after is not None
    assert after[0] != before[0]
    assert (await count(house, territory, 20))["seq"] == 3
    assert await house.recording.catch_up(territory) == 3
    assert [json.loads(body)["seq"] for body in await house.ledger.commands(territory, 0, 100)] == [1, 2, 3]


async def test_a_pool_of_which_nothing_was_recorded_is_unknown_until_somebody_reports(
    house: House, redis_url: str, territory: str
) -> None:
    await house.registering.put(territory, SITE)
    await count(house, territory, 36)
    await lose(redis_url, territory)
    await house.registering.mend()

    board = await house.live.whole_board(territory)
    row = json.loads(board.rows[0].row)
    assert row["observed_at"] is None
    assert row["capacity"] == 39


async def test_nothing_is_mended_where_nothing_was_lost(house: House, territory: str) -> None:
    await house.registering.put(territory, SITE)
    before = await house.live.position(territory)
    assert await house.registering.mend() == {}
    assert await house.live.position(territory) == before


async def test_a_report_on_a_board_that_is_not_yet_whole_is_put_off_and_not_refused(
    house: House, redis_url: str, territory: str
) -> None:
    await house.registering.put(territory, SITE)
    await count(house, territory, 36)
    await lose(redis_url, territory)
    await house.live.call("open_territory_v1", (f"{{{territory}}}:meta",), ("anew", 0))  # and here it died

    with pytest.raises(StoreUnavailable):
        await count(house, territory, 20)
    assert await house.registering.mend() == {territory: 1}
    assert (await count(house, territory, 20))["outcome"] == "applied"


async def test_an_edit_of_one_site_in_a_lost_territory_brings_back_all_its_sites(
    house: House, redis_url: str, territory: str
) -> None:
    await house.registering.put(territory, SITE)
    await lose(redis_url, territory)
    other = {
        "id": "other",
        "name": "Other",
        "kind": "shelter",
        "pools": [{"id": "other.men", "audience": "men", "capacity": 5}],
    }
    await house.registering.put(territory, Site.model_validate(other))

    board = await house.live.whole_board(territory)
    assert {row.pool for row in board.rows} == {"halte.women", "other.men"}


async def test_a_store_that_never_followed_this_ledger_is_not_recorded(
    house: House, redis_url: str, territory: str
) -> None:
    await house.registering.put(territory, SITE)
    await count(house, territory, 36)
    await house.recording.catch_up(territory)
    await lose(redis_url, territory)
    await house.live.call("open_territory_v1", (f"{{{territory}}}:meta",), ("another-store", 0))

    with pytest.raises(Exception, match="not the store that this ledger has followed"):
        await house.recording.catch_up(territory)
