"""`capacity record`: the process that takes the streams into the ledger. One is active, others wait."""

import asyncio

from capacity.board.clocks import system_clock
from capacity.processes import logging
from capacity.processes.engine_checks import check_ledger, check_live_store, until_it_answers
from capacity.processes.settings import Settings
from capacity.processes.stopping import run_until, stop_requested
from capacity.services.forgetting import Forgetting
from capacity.services.recording import Recording
from capacity.store.ledger import LedgerStore
from capacity.store.live import LiveStore
from capacity.store.lock import RecorderLock
from capacity.store.postgres import Database
from capacity.store.registry import RegistryStore
from capacity.store.retention import RetentionStore


def run(settings: Settings) -> None:
    """Record until asked to stop. Raises StartFailed."""
    logging.configure("record", settings.log_level)
    asyncio.run(_record(settings))


async def _record(settings: Settings) -> None:
    await run_until(stop_requested(), _until_cancelled(settings), "record")


async def _until_cancelled(settings: Settings) -> None:
    async with (
        LiveStore.open(settings.live_url, settings.redis_min_replicas) as live,
        Database.open(settings.ledger_url) as database,
    ):
        await until_it_answers("Redis", lambda: check_live_store(live))
        await until_it_answers("Postgres", lambda: check_ledger(settings.ledger_url))
        recording = Recording(live, LedgerStore(database), RegistryStore(database), clock=system_clock)
        forgetting = Forgetting(RetentionStore(database), clock=system_clock, days=settings.kept_days)
        await recording.run(RecorderLock(settings.ledger_url), forgetting.run)
