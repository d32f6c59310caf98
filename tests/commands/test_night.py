"""A night is a value: the same seed makes the same one, and it holds whatever a real night brings."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.commands.night import HOUR_MS, Night, Place, plan
from capacity.demo import paris
from capacity.vocabulary.words import Audience, Kind, Status, Unit

PLACES = [
    Place(
        pool.id, site.id, site.kind, pool.unit, pool.audience, pool.capacity, pool.capacity * 9 // 10,
        Status.CLOSED if site.kind is Kind.COLD_PLAN else Status.OPEN,
    )
    for site in paris.sites()
    for pool in site.pools
]  # fmt: skip


@pytest.fixture(scope="module")
def posts():
    return plan(Night(seed=1), PLACES)


def sayings_of(posts):
    return [(post, saying) for post in posts for saying in post.sayings]


def test_the_same_seed_plays_the_same_night_and_another_one_another(posts):
    assert plan(Night(seed=1), list(reversed(PLACES))) == posts
    assert plan(Night(seed=2), PLACES) != posts


def test_every_type_of_report_is_there(posts):
    types = Counter(saying.type for _, saying in sayings_of(posts))
    assert set(types) == {"count", "movement", "confirmation", "inventory", "status"}


def test_posts_come_in_the_order_of_sending_and_never_before_what_they_say(posts):
    assert [post.due_ms for post in posts] == sorted(post.due_ms for post in posts)
    assert all(saying.at_ms <= post.due_ms for post, saying in sayings_of(posts))


def test_what_was_said_without_a_network_comes_in_one_post(posts):
    assert max(len(post.sayings) for post in posts) >= 4
    assert any(post.due_ms - saying.at_ms > HOUR_MS // 2 for post, saying in sayings_of(posts))


def test_posts_that_are_sent_again_are_the_same_with_the_same_keys(posts):
    first = {post.keys: post for post in posts if not post.is_resent}
    again = [post for post in posts if post.is_resent]
    assert len(again) > 50
    for post in again:
        assert post.sayings == first[post.keys].sayings
        assert post.due_ms > first[post.keys].due_ms


def test_keys_name_one_saying_each(posts):
    keys = [key for post in posts if not post.is_resent for key in post.keys]
    assert len(set(keys)) == len(keys)


def test_some_clocks_are_wrong(posts):
    ahead = {post.site: post.ahead_ms for post in posts}
    assert {abs(each) >= 60_000 for each in ahead.values()} == {True, False}


def test_haltes_fill_in_the_evening_and_empty_in_the_morning(posts):
    haltes = {place.pool for place in PLACES if place.kind is Kind.NIGHT_HALTE}
    moved = [saying for _, saying in sayings_of(posts) if saying.type == "movement" and saying.pool in haltes]
    came = [saying.at_ms for saying in moved if saying.fields["delta"] > 0]
    left = [saying.at_ms for saying in moved if saying.fields["delta"] < 0]
    assert sum(came) / len(came) < 6 * HOUR_MS < 11 * HOUR_MS < sum(left) / len(left)


def test_who_is_suspended_says_until_when(posts):
    suspended = [
        saying for _, saying in sayings_of(posts) if saying.type == "status" and saying.fields["status"] == "suspended"
    ]
    assert suspended
    assert all(saying.until_ms > saying.at_ms for saying in suspended)


@settings(max_examples=25)
@given(
    st.integers(0, 10**6),
    st.floats(0.02, 24),
    st.floats(0, 24),
    st.sampled_from(Kind),
    st.sampled_from(Unit),
    st.sampled_from(Audience),
    st.integers(0, 60),
)
def test_nobody_is_ever_below_zero_and_the_house_is_hardly_ever_over(seed, hours, hour, kind, unit, audience, capacity):
    place = Place("a.b", "a", kind, unit, audience, capacity, capacity // 2)
    for _, saying in sayings_of(plan(Night(seed, hours, hour), [place])):
        assert 0 <= saying.at_ms < Night(seed, hours, hour).length_ms
        if saying.type == "count":
            assert 0 <= saying.fields["occupied"] <= capacity + 1
