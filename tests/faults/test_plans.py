"""What the seed decides, and what a run says of itself."""

from collections import Counter

from tests.faults.faults import Kind
from tests.faults.rounds import Round, planned
from tests.faults.table import table_of

ROUNDS = 44


def test_a_seed_deals_the_same_faults_again_and_another_one_others():
    assert [planned(3, n).steps for n in range(ROUNDS)] == [planned(3, n).steps for n in range(ROUNDS)]
    assert [planned(3, n).steps for n in range(ROUNDS)] != [planned(4, n).steps for n in range(ROUNDS)]


def test_every_kind_of_fault_comes_as_often_first():
    first = Counter(planned(3, n).steps[0][0].kind for n in range(ROUNDS))
    assert first == dict.fromkeys(Kind, ROUNDS // len(Kind))


def test_two_faults_at_once_never_have_the_same_target():
    steps = [step for n in range(ROUNDS) for step in planned(3, n).steps]
    assert any(len(step) == 2 for step in steps)
    assert all(len({fault.target for fault in step}) == len(step) for step in steps)


def test_the_table_counts_the_rounds_in_which_a_promise_was_broken():
    kept, broken = planned(3, 0), planned(3, 0)
    broken.breaches = {"kept": ["accepted and lost: one", "accepted and lost: two"]}
    broken.recoveries = [(Kind.KILL_SERVE, 1.5)]
    rounds: list[Round] = [kept, broken]
    lines = table_of(rounds, 3).splitlines()
    assert lines[0] == "Seed 3, 2 rounds, 1 without a breach."
    (row,) = [line for line in lines if line.startswith("| kill serve |") and line.count("|") > 10]
    faults = sum(played.kinds.count(Kind.KILL_SERVE) for played in rounds)
    assert row.split(" | ")[:5] == ["| kill serve", str(faults), "2", "1", "0"]
    assert "| kill serve | that server takes a report | 1 | 1.50 s | 1.50 to 1.50 s |" in lines
