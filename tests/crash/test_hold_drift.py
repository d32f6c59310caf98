"""Laws 4 to 6 while everything dies: the short form of `python -m tests.crash.drift`."""

from collections.abc import Callable

import pytest

from capacity.processes.engines.valkey import Valkey
from tests.crash.drift import drift

pytestmark = pytest.mark.crash


async def test_nothing_drifts_while_servers_and_the_live_store_are_killed(
    valkey_of_its_own: Callable[[], tuple[Valkey, int]], database: str
):
    run, wrongs = await drift(valkey_of_its_own, database, operations=3_000, kills=2, seed=1)
    assert wrongs == []
    assert dict(run.killed) == {"valkey": 1, "serve": 1}
    assert run.answers["hold", 201] > 100
    assert run.answers["hold", 409] > 100
