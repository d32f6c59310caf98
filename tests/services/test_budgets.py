"""What one credential may ask of one process."""

import asyncio
import json

import pytest

from capacity.board.access import Caller, Grant, Permission, Scope
from capacity.errors import TooManyRequests
from capacity.services import budgets
from capacity.services.budgets import FeedBudget, ReportBudget
from capacity.vocabulary.roles import Role
from tests.world import body_of, may_report, report, standing_on


class Hand:
    """A clock in seconds that a test moves."""

    def __init__(self):
        self.seconds = 1_000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def bucket(hand):
    return ReportBudget(10, 50, now=hand)


def test_a_full_bucket_holds_a_burst_and_is_filled_at_its_rate(bucket, hand):
    assert bucket.take("a", 50)
    assert not bucket.take("a", 1)
    hand.seconds += 0.1
    assert bucket.take("a", 1)
    assert not bucket.take("a", 1)
    hand.seconds += 1_000
    assert bucket.take("a", 50)
    assert not bucket.take("a", 1)


def test_each_credential_has_its_own(bucket):
    assert bucket.take("a", 50)
    assert bucket.take("b", 50)


def test_what_is_refused_takes_nothing_and_tells_how_long_to_wait(bucket, hand):
    bucket.spend("a", 45)
    with pytest.raises(TooManyRequests) as refused:
        bucket.spend("a", 25)
    assert refused.value.retry_seconds == 2
    hand.seconds += refused.value.retry_seconds
    bucket.spend("a", 25)


def test_full_buckets_are_forgotten_before_there_are_too_many(bucket, hand, monkeypatch):
    monkeypatch.setattr(budgets, "MOST_REMEMBERED", 3)
    for credential in "abc":
        bucket.take(credential, 1)
    hand.seconds += 1
    bucket.take("d", 50)
    assert list(bucket._full_at) == ["d"]
    assert not bucket.take("d", 1)


def test_so_many_feeds_are_open_with_one_credential_and_no_more():
    feeds = FeedBudget(2)
    for credential in "aab":
        feeds.enter(credential)
    with pytest.raises(TooManyRequests):
        feeds.enter("a")
    feeds.exit("a")
    feeds.enter("a")
    for credential in "aab":
        feeds.exit(credential)
    assert feeds._open == {}


def test_who_comes_without_a_credential_is_not_counted_by_it():
    feeds = FeedBudget(0)
    feeds.enter("")
    feeds.exit("")
    assert feeds._open == {}


async def test_a_batch_costs_as_many_as_it_has_on_either_way(redis_url, territory, hand):
    async with standing_on(redis_url, territory) as halte:
        await halte.open("halte.women")
        halte.reporting._budget = ReportBudget(1, 3, now=hand)
        count = lambda: report("count", "halte.women", occupied=3)  # noqa: E731
        await halte.post(count(), count())
        answered = asyncio.Event()
        assert halte.reporting.begin(halte.name, body_of([count()]), may_report(), lambda _: answered.set())
        await answered.wait()
        assert not halte.reporting.begin(halte.name, body_of([count()]), may_report(), lambda _: None)
        seq = await halte.seq()
        with pytest.raises(TooManyRequests):
            await halte.post(count())
        assert await halte.seq() == seq
        another = Caller("b", "b", elsewhere=Grant(Role.ADMIN))
        permitted = Permission(may_report().action, Scope.TERRITORY, another.elsewhere, another)
        answer = await halte.reporting.post(halte.name, body_of([count()]), permitted)
        assert json.loads(answer)["results"][0]["outcome"] == "applied"
