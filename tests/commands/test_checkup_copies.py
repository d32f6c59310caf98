"""What the doctor says of replicas and Sentinels, and what to do."""

from dataclasses import replace

import pytest

from capacity.commands.checkup import Verdict
from capacity.commands.checkup_copies import check_copies, check_watchers
from capacity.store.copies import Copies, Copy, Watchers
from capacity.store.replication import Replica

COPY = Copy(Replica("10.0.0.2", 6379, is_online=True, behind_bytes=0, silent_seconds=0), "yes", "always")
TWO = Copies(True, (COPY, COPY))


def ills(findings):
    found = [finding for finding in findings if finding.verdict is not Verdict.GOOD]
    assert all(finding.advice for finding in found), "whoever finds an ill says what to do"
    return [finding.said for finding in found]


def of_one(**fields):
    return Copies(True, (COPY, replace(COPY, **fields)))


def test_two_replicas_and_a_success_that_waits_for_one_are_well():
    assert ills(check_copies([TWO], 1)) == []
    assert ills(check_watchers(Watchers(3, 3, ""))) == []


def test_a_server_alone_is_well_where_nothing_waits_for_replicas():
    assert list(check_copies([Copies(True, ())], 0)) == []
    assert list(check_watchers(None)) == []


@pytest.mark.parametrize(
    ("servers", "min_replicas", "said"),
    [
        ([Copies(True, ())], 1, "the primary has 0 replicas, and a success waits for 1: nothing is taken"),
        ([Copies(True, (COPY,))], 1, "the primary has 1 replica, and a success waits for all of them"),
        ([TWO], 0, "the primary has 2 replicas, and no success waits for them: a failover may lose the last moments"),
        ([TWO, Copies(True, ())], 1, "the primary 2 of 2 has 0 replicas, and a success waits for 1: nothing is taken"),
        ([Copies(False, ())], 0, "is a replica, which takes nothing"),
        ([of_one(appendonly="no")], 1, "the replica 10.0.0.2:6379 keeps nothing on disk"),
        ([of_one(appendonly=None)], 1, "the replica 10.0.0.2:6379 does not show its configuration"),
        (
            [of_one(appendfsync="everysec")],
            1,
            "the replica 10.0.0.2:6379 syncs once a second (appendfsync everysec): a success waits or fails",
        ),
        (
            [Copies(True, (COPY, COPY, replace(COPY, seen=replace(COPY.seen, silent_seconds=60, behind_bytes=9))))],
            1,
            "the replica 10.0.0.2:6379 does not follow (9 bytes behind)",
        ),
    ],
)
def test_each_ill_of_the_replicas_is_told(servers, min_replicas, said):
    assert ills(check_copies(servers, min_replicas)) == [said]


def test_sentinels_that_are_away_or_too_few_are_told():
    assert ills(check_watchers(Watchers(3, 1, "NOQUORUM 1 usable Sentinels."))) == [
        "2 of 3 Sentinels do not answer",
        "the Sentinels could not fail over: NOQUORUM 1 usable Sentinels.",
    ]
