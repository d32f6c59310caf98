"""What is kept of holds in several places is compared, and each disagreement named with what to do."""

from dataclasses import replace

import pytest

from capacity.commands.checkup import Verdict
from capacity.commands.checkup_holds import check_holds
from capacity.store.promises import Promises

NOW_MS = 1_795_387_267_120
HOLD = {
    "id": "h1", "code": "K7Q2", "channel": "115", "lines": "a.w=2 a.f=1", "state": "active",
    "expires_ms": str(NOW_MS + 1),
}  # fmt: skip
WOMEN = {"held": 2, "held_115": 2, "held_maraude": 0, "held_site": 0}
FAMILIES = {"held": 1, "held_115": 1, "held_maraude": 0, "held_site": 0}
WELL = Promises(
    NOW_MS, {"h1": HOLD}, {"h1": NOW_MS + 1}, {"K7Q2": "h1"},
    {"a.w": frozenset({"h1"}), "a.f": frozenset({"h1"}), "a.m": frozenset()},
    {"a.w": WOMEN, "a.f": FAMILIES, "a.m": dict.fromkeys(WOMEN, 0)},
)  # fmt: skip


def ills(promises):
    found = [finding for finding in check_holds("t", promises) if finding.verdict is not Verdict.GOOD]
    assert all(finding.advice for finding in found), "whoever finds an ill says what to do"
    return [finding.said for finding in found]


def test_what_is_kept_alike_is_well():
    (found,) = check_holds("t", WELL)
    assert (found.verdict, found.subject) == (Verdict.GOOD, "territory t")
    assert found.said.startswith("holds: 1 active")


def with_held(**facts):
    return replace(WELL, held={**WELL.held, "a.w": {**WOMEN, **facts}})


@pytest.mark.parametrize(
    ("promises", "said"),
    [
        (with_held(held=3), "holds: `held` is not the sum of the active holds: a.w (3, not 2)"),
        (with_held(held_115=1, held_site=1), "holds: `held` is not the sum of the active holds: a.w (1, not 2), a.w"),
        (replace(WELL, by_pool={**WELL.by_pool, "a.m": frozenset({"h1"})}), "holds: pools are kept with other holds"),
        (replace(WELL, by_pool={**WELL.by_pool, "a.f": frozenset()}), "holds: pools are kept with other holds"),
        (replace(WELL, codes={"K7Q2": "h1", "ABCD": "h0"}, holds={"h1": HOLD, "h0": {}}), "holds: codes lead to"),
        (replace(WELL, codes={}), "holds: codes lead to another hold than has them: K7Q2"),
        (replace(WELL, ends={"h1": NOW_MS + 2}), "holds: holds are awaited at another moment than their end: h1"),
        (replace(WELL, ends={}), "holds: holds are awaited at another moment than their end: h1"),
        (
            replace(WELL, ends={**WELL.ends, "h0": NOW_MS}, holds={"h1": HOLD, "h0": {**HOLD, "state": "expired"}}),
            "holds: holds are awaited at another moment than their end: h0",
        ),
        (replace(WELL, now_ms=NOW_MS + 5_002), "holds: their time is over and nobody ended them: h1"),
        (None, "holds: came and went too fast"),
    ],
)
def test_what_disagrees_is_named(promises, said):
    (found,) = ills(promises)
    assert found.startswith(said)


def test_a_hold_that_is_a_little_late_is_none_yet():
    assert ills(replace(WELL, now_ms=NOW_MS + 5_001)) == []
