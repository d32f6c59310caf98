import pytest

from tests.hostile.stage import stage_on
from tests.serving import in_one_task


@pytest.fixture
async def stage(redis_url, database, territory):
    """The whole service, impatient, and judged after the test: whatever it heard, it stands and nobody was cheated."""
    async with in_one_task(stage_on(redis_url, database, territory)) as stage:
        yield stage
        await stage.stands()
