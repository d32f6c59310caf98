"""The terminal's copy of the board follows the one reader rule, by the golden examples that every reader is held to."""

import json
from pathlib import Path

import pytest

from capacity.board.picture import Position
from capacity.commands.mirror import Mirror, rank
from tests.world import HOUR_MS, NOW_MS, rfc3339

CASES = json.loads((Path(__file__).parents[1] / "golden" / "merge.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_it_follows_the_golden_examples(case):
    board = case["board"]
    mirror = Mirror()
    if board is not None:
        mirror = Mirror(Position(board["epoch"], board["seq"]), {row["pool"]: row for row in board["rows"]})
    assert mirror.take(case["message"]) == (case["outcome"] == "taken")
    after = case["board_after"] if case["outcome"] == "taken" else board
    if after is None:
        assert mirror == Mirror()
    else:
        assert mirror.position == Position(after["epoch"], after["seq"])
        assert sorted(mirror.rows) == sorted(row["pool"] for row in after["rows"])
        assert all(mirror.rows[row["pool"]] == row for row in after["rows"])


def row(pool, free, *, hours_old=0.5, status="open", over=0):
    observed_at = None if hours_old is None else rfc3339(int(NOW_MS - hours_old * HOUR_MS))
    return {
        "pool": pool, "site": "s", "seq": 1, "status": status, "capacity": 10, "extra": 0, "out_of_service": 0,
        "occupied": 10 - free + over, "held": 0, "free": free, "over": over, "observed_at": observed_at,
        "fresh_for": 7200, "contingents": [],
    }  # fmt: skip


def test_free_places_come_first_doubtful_ones_next_then_full_and_shut():
    rows = [
        row("shut", 0, status="closed"),
        row("full", 0),
        row("over", 0, over=2),
        row("unknown", 10, hours_old=None),
        row("stale", 9, hours_old=7),
        row("ageing", 3, hours_old=3),
        row("fresh", 1),
    ]
    ordered = [each["pool"] for each in sorted(rows, key=lambda each: rank(each, NOW_MS))]
    assert ordered == ["ageing", "fresh", "unknown", "stale", "over", "full", "shut"]
