"""Who is refused when, by lag and by calls under way, with a clock and a chance of the tests' own."""

import asyncio
import itertools

import pytest
from structlog.testing import capture_logs

from capacity.board.pressure import TABLE, Kind
from capacity.services.shedding import CALM_SECONDS, LOOK_SECONDS, MOST_WAITING, Shedding
from capacity.wire.problems import OVERLOADED, TOO_BUSY


class House:
    """What shedding looks at, set by hand."""

    def __init__(self) -> None:
        self.calls = self.waiting = 0
        self.is_full = False
        self.now = 1_000.0
        self.chance = 0.5
        self.lates = []
        self.shedding = Shedding(
            calls=lambda: self.calls, waiting=lambda: self.waiting, is_hashing_full=lambda: self.is_full,
            now=lambda: self.now, sleep=self.sleep, chance=lambda: self.chance,
        )  # fmt: skip

    async def sleep(self, seconds):
        if not self.lates:
            raise asyncio.CancelledError
        self.now += seconds + self.lates.pop(0)

    async def late(self, *lates):
        """One look after the other that came so late."""
        self.lates += lates
        with pytest.raises(asyncio.CancelledError):
            await self.shedding.watch()

    def refused(self):
        return {kind for kind in Kind if self.shedding.refusal(kind) is not None}


@pytest.fixture
def house():
    return House()


async def test_a_quiet_process_refuses_nobody(house):
    await house.late(*[0.002] * 100)
    house.calls = 100
    assert house.shedding.is_calm
    assert not house.refused()


async def test_a_lag_that_stands_refuses_kind_after_kind_and_staff_last(house):
    order = []
    for lag in (0.3, 0.4, 0.775, 1.15, 1.525, 3.025, 7.5):
        await house.late(*[lag] * 200)
        order.append(house.refused())
    assert all(before <= after for before, after in itertools.pairwise(order))
    assert order[0] == set()
    assert order[1] == {Kind.LOOKING_BACK}
    assert order[2] == {Kind.LOOKING_BACK, Kind.BOARD, Kind.PASSWORD, Kind.SIGNING_IN, Kind.JOINING}
    assert order[3] == {*order[2], Kind.RECHECKING}
    assert order[4] == set(Kind) - {Kind.REPORTING}
    assert order[5] == order[6] == set(Kind)


async def test_one_long_turn_of_the_loop_is_no_pressure(house):
    await house.late(*[0.0] * 5, 5.0, *[0.0] * 5, 5.0, 0.0)
    assert house.shedding.lag_seconds == 0


async def test_when_the_loop_is_quick_again_all_are_soon_served(house):
    await house.late(*[5.0] * 20)
    assert house.refused() == set(Kind)
    begun = house.now
    while not house.shedding.is_calm:
        await house.late(0.0)
    assert house.now - begun < 2.5
    assert not house.refused()


async def test_calls_that_wait_for_the_store_refuse_in_the_same_order_without_any_lag(house):
    order = []
    for calls in sorted({patience.calls for patience in TABLE.values()}):
        house.calls = calls - 1
        before = house.refused()
        house.calls = calls
        assert before < house.refused(), calls
        order.append(house.refused())
    assert order[0] == {Kind.LOOKING_BACK}
    assert order[-2] == set(Kind) - {Kind.REPORTING}
    assert order[-1] == set(Kind)


async def test_who_looks_back_waits_first_where_postgres_is_behind(house):
    house.waiting = MOST_WAITING
    assert not house.shedding.is_calm
    assert house.refused() == {Kind.LOOKING_BACK}


async def test_a_full_queue_of_hashes_refuses_passwords_and_says_so(house):
    house.is_full = True
    assert not house.shedding.is_calm
    assert house.shedding.refusal(Kind.PASSWORD) is TOO_BUSY
    assert house.shedding.refusal(Kind.SIGNING_IN) is None
    await house.late(*[5.0] * 20)
    assert house.shedding.refusal(Kind.SIGNING_IN) is OVERLOADED


async def test_the_log_says_once_that_it_begins_and_once_that_it_ends(house):
    with capture_logs() as said:
        house.calls = 400
        for _ in range(100):
            house.shedding.refusal(Kind.DIRECTING)
            await house.late(0.0)
        house.shedding.refusal(Kind.LOOKING_BACK)
        house.calls = 0
        await house.late(*[0.0] * int(2 * CALM_SECONDS / LOOK_SECONDS))
        house.calls = 400
        house.shedding.refusal(Kind.BOARD)
    begins, ends, again = said
    assert (begins["log_level"], begins["first"], begins["calls"]) == ("warning", "directing", 400)
    assert (ends["refused"], ends["seconds"]) == ({"directing": 100, "looking_back": 1}, 5.0)
    assert again["first"] == "board"
    assert house.shedding.refused == {Kind.DIRECTING: 100, Kind.LOOKING_BACK: 1, Kind.BOARD: 1}
