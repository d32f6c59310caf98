"""Hashing of passwords: beside the event loop, one at a time, and never a queue without an end."""

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from capacity.errors import TooBusy
from capacity.services.hashing import DUMMY, HASHER, Hashing

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def test_a_password_is_known_by_its_hash():
    hashing = Hashing(QUICK)
    kept = await hashing.hash("trois tilleuls")
    assert kept.startswith("$argon2id$")
    assert kept != await hashing.hash("trois tilleuls")
    assert await hashing.verify(kept, "trois tilleuls")
    assert not await hashing.verify(kept, "trois barques")


async def test_no_hash_and_a_broken_one_let_nobody_in():
    hashing = Hashing(QUICK)
    assert not await hashing.verify(None, "anything")
    assert not await hashing.verify("broken", "anything")


def test_the_hash_of_nobody_costs_what_everybodys_does():
    assert not HASHER.check_needs_rehash(DUMMY)
    assert HASHER.parallelism == 1


class Slow:
    """A hasher that waits until it is let go, and tells how many of its calls ran at once."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.running = self.most = 0

    def hash(self, password):
        self.running += 1
        self.most = max(self.most, self.running)
        assert self.go.wait(10)
        self.running -= 1
        return password


async def test_a_storm_of_passwords_fills_the_queue_and_the_rest_is_turned_away_at_once():
    slow = Slow()
    hashing = Hashing(slow, most_waiting=4)
    storm = [asyncio.create_task(hashing.hash(str(number))) for number in range(50)]
    done, waiting = await asyncio.wait(storm, return_when=asyncio.FIRST_COMPLETED)
    assert {type(one.exception()) for one in done} == {TooBusy}
    slow.go.set()
    assert len(await asyncio.gather(*waiting)) == 4
    assert slow.most == 1
    assert await hashing.hash("later") == "later"


async def test_who_leaves_the_queue_gives_the_place_back():
    slow = Slow()
    hashing = Hashing(slow, most_waiting=2)
    leaving = [asyncio.create_task(hashing.hash(str(number))) for number in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooBusy):
        await hashing.hash("too many")
    for one in leaving:
        one.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    slow.go.set()
    while True:
        try:
            assert await hashing.hash("later") == "later"
            break
        except TooBusy:
            await asyncio.sleep(0)
