"""The primary dies under load and a replica takes its place: nothing accepted is lost, and everybody goes on."""

from pathlib import Path

import pytest

from tests.crash.failover import fail_over, house
from tests.valkeys import watched

pytestmark = pytest.mark.crash

DOWN_AFTER_MS = 600


async def test_a_primary_killed_under_load_loses_nothing_that_was_accepted(engine_folder: Path, database: str):
    with watched(engine_folder, down_after_ms=DOWN_AFTER_MS) as fleet:
        async with house(fleet, database) as (serve, token):
            outcome = await fail_over(fleet, database, serve, token)
    assert outcome.breaches == []
    assert outcome.accepted > 200
    assert outcome.silence_seconds <= DOWN_AFTER_MS / 1000 + 5
