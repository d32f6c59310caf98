"""Each check finds its own ill, says what to do, and finds nothing where all is well."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from capacity.commands.checkup import (
    Verdict,
    check_board,
    check_database,
    check_engine,
    check_ledger,
    check_registry,
    check_stream,
)
from capacity.store.inspection import LedgerFacts, LedgerTerritory, LiveFacts, LiveTerritory, Recorder
from capacity.store.registry import PoolEntry

SETTINGS = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
ENGINE = LiveFacts("Valkey", "9.1.2", SETTINGS, library="source")
DATABASE = LedgerFacts(
    180006,
    {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"},
    ("0001.sql",),
    (Recorder(7, None, datetime(2026, 11, 22, tzinfo=UTC)),),
    {},
)
ROW = {
    "pool": "a.w", "site": "a", "seq": 9, "status": "open", "capacity": 10, "extra": 2, "out_of_service": 1,
    "occupied": 8, "held": 0, "free": 3, "over": 0, "observed_at": "2026-11-22T22:00:00.000Z", "fresh_for": 7200,
}  # fmt: skip
FACTS = {
    "site": "a", "registered_capacity": "10", "fresh_for": "7200", "capacity": "10", "extra": "2",
    "out_of_service": "1", "held": "0", "status": "open", "count": "9", "moved": "-1",
    "observed_at": "2026-11-22T22:00:00.000Z",
}  # fmt: skip
LIVE = LiveTerritory("e1", 9, {"a.w": ROW}, {"a.w": 9}, {"a.w": FACTS}, ("5-0", "9-0"), 5)
LEDGER = LedgerTerritory("e1", 9, 1, 9, 9)
ENTRY = PoolEntry("t", "a.w", "a", 1, 10, 7200, removed=False)


def ills(findings):
    """What is not good, each with its advice."""
    found = [finding for finding in findings if finding.verdict is not Verdict.GOOD]
    assert all(finding.advice for finding in found), "whoever finds an ill says what to do"
    return [finding.said for finding in found]


def test_all_is_well():
    assert ills(check_engine(ENGINE, "source")) == []
    assert ills(check_database(DATABASE, ["0001.sql"])) == []
    assert ills(check_board("t", LIVE)) == []
    assert ills(check_stream("t", LIVE, LEDGER)) == []
    assert ills(check_ledger("t", LEDGER)) == []
    assert ills(check_registry("t", LIVE, [ENTRY])) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (replace(ENGINE, settings={**SETTINGS, "appendfsync": "everysec"}), "every write is waited for on disk"),
        (replace(ENGINE, settings={**SETTINGS, "appendonly": "no"}), "keeps nothing on disk"),
        (replace(ENGINE, settings={**SETTINGS, "maxmemory-policy": "allkeys-lru"}), "may throw keys away"),
        (replace(ENGINE, settings={}), "does not show its configuration"),
        (replace(ENGINE, library=None), "has no functions"),
        (replace(ENGINE, library="older"), "has the functions of another version"),
    ],
)
def test_a_live_store_that_may_lose_or_differ_is_told(facts, said):
    (found,) = ills(check_engine(facts, "source"))
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (replace(DATABASE, settings={"fsync": "off"}), "may lose what was kept: fsync off"),
        (replace(DATABASE, migrations=()), "lacks 0001.sql"),
        (replace(DATABASE, migrations=("0001.sql", "0002.sql")), "has the schema of a newer version"),
        (replace(DATABASE, recorders=()), "nobody holds its lock"),
    ],
)
def test_a_database_that_may_lose_or_differ_is_told(facts, said):
    (found,) = ills(check_database(facts, ["0001.sql"]))
    assert found.startswith(said)


def with_row(**fields):
    return replace(LIVE, rows={"a.w": {**ROW, **fields}})


@pytest.mark.parametrize(
    ("live", "said"),
    [
        (with_row(free=4), "keep law 1"),
        (with_row(over=1), "keep law 1"),
        (replace(LIVE, stamps={"a.w": 8}), "number of their stamp"),
        (replace(LIVE, stamps={"a.w": 9, "b.w": 3}), "number of their stamp"),
        (replace(LIVE, seq=8), "not ahead of number 8"),
        (with_row(observed_at=None), "show the facts"),
        (replace(LIVE, facts={"a.w": {**FACTS, "moved": "0"}}), "show the facts"),
        (replace(LIVE, facts={"a.w": {}}), "show the facts"),
    ],
)
def test_a_row_that_is_not_what_it_should_be_is_named(live, said):
    (found,) = ills(check_board("t", live))
    assert said in found
    assert "a.w" in found or "b.w" in found


def test_a_suspended_row_has_none_free_and_a_gone_one_only_a_stamp():
    suspended = replace(with_row(status="suspended", free=0), facts={"a.w": {**FACTS, "status": "suspended"}})
    assert ills(check_board("t", suspended)) == []
    gone = replace(LIVE, rows={"a.w": {"pool": "a.w", "seq": 9, "gone": True}}, facts={"a.w": {"gone": "1"}})
    assert ills(check_board("t", gone)) == []


@pytest.mark.parametrize(
    ("live", "ledger", "said"),
    [
        (replace(LIVE, stream_length=4), LEDGER, "stream: 4 entries from 5 to 9"),
        (replace(LIVE, stream_ids=("5-0", "9-1")), LEDGER, "stream: 5 entries from 5 to 9"),
        (replace(LIVE, seq=12), replace(LEDGER, seq=12), "stream: ends at 9, the territory is at 12"),
        (LIVE, replace(LEDGER, seq=3), "ledger: ends at 3 and the stream begins at 5"),
        (LIVE, replace(LEDGER, seq=7), "ledger: 2 commands behind"),
        (LIVE, replace(LEDGER, epoch="e0"), "ledger: follows epoch e0"),
        (LIVE, None, "ledger: has nothing yet"),
    ],
)
def test_numbers_that_are_missing_or_late_are_told(live, ledger, said):
    (found,) = ills(check_stream("t", live, ledger))
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("ledger", "said"),
    [
        (replace(LEDGER, gaps=(3, 6)), "ledger: gaps after 3, 6"),
        (replace(LEDGER, first=2), "ledger: begins at 2"),
        (replace(LEDGER, seq=8), "ledger: its cursor is at 8"),
    ],
)
def test_a_ledger_with_holes_is_told(ledger, said):
    (found,) = ills(check_ledger("t", ledger))
    assert found.startswith(said)


def test_of_a_long_ledger_it_is_said_how_much_was_looked_at():
    (found,) = check_ledger("t", replace(LEDGER, count=4))
    assert found.verdict is Verdict.GOOD
    assert found.said == "ledger: 1 to 9; the last 4 were looked at, without a gap"


@pytest.mark.parametrize(
    ("live", "entries", "said"),
    [
        (LIVE, [], "1 pools on the board and not registered: a.w"),
        (LIVE, [replace(ENTRY, removed=True)], "1 pools on the board and not registered: a.w"),
        (None, [ENTRY], "1 pools registered and not on the board: a.w"),
        (LIVE, [replace(ENTRY, capacity=11)], "1 pools on the board otherwise than registered: a.w"),
        (LIVE, [replace(ENTRY, site_id="b")], "1 pools on the board otherwise than registered: a.w"),
    ],
)
def test_a_board_unlike_the_registry_is_told(live, entries, said):
    (found,) = ills(check_registry("t", live, entries))
    assert found.endswith(said)
