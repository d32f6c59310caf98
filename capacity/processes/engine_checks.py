"""What a process asks of its servers before it relies on them; a server that is away is asked again later."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from capacity.errors import LedgerUnavailable, StoreUnavailable
from capacity.processes.migrating import connected
from capacity.store.live import LiveStore

FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 5.0

log = logging.getLogger(__name__)


async def check_live_store(live: LiveStore) -> None:
    """Refuse an old server and load the functions. Raises EngineTooOld, FunctionsTooNew, StoreUnavailable."""
    await live.prepare()


async def check_ledger(url: str) -> None:
    """Refuse an old server. Raises EngineTooOld, LedgerUnavailable."""
    async with connected(url):
        pass


async def until_it_answers(what: str, check: Callable[[], Awaitable[object]]) -> None:
    """Ask until the server answers, ever more rarely. What is wrong for good is raised: as `check_live_store`."""
    wait = FIRST_WAIT_SECONDS
    while True:
        try:
            await check()
        except (StoreUnavailable, LedgerUnavailable) as problem:
            log.warning("%s does not answer yet: %s", what, problem)
        else:
            return
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)
