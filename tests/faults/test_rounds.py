"""Everything that was promised is kept while anything dies: the short form of `make faults`."""

import pytest
import pytest_asyncio

from tests.faults.house import House, house_with
from tests.faults.rounds import planned, play

pytestmark = [pytest.mark.crash, pytest.mark.asyncio(loop_scope="module")]

SEED, ROUNDS = 7, 20


@pytest.fixture(scope="module")
def territories():
    return [f"round-{number}" for number in range(ROUNDS)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(territories):
    async with house_with(territories) as house:
        yield house


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_a_round_of_faults_breaks_no_promise(house: House, territories, number):
    played = await play(house, planned(SEED, number), territories[number])
    assert played.breaches == {}, played.line()
    assert played.counts["accepted"] > 20, played.line()
