"""Law 7, by the same golden examples as the TypeScript tests."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from capacity.board.clocks import to_ms
from capacity.board.freshness import freshness

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "freshness.json").read_text())


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_a_row_is_as_fresh_as_the_golden_examples_say(case):
    observed_ms = case["observed_at"] and to_ms(datetime.fromisoformat(case["observed_at"]))
    now_ms = to_ms(datetime.fromisoformat(case["now"]))
    assert freshness(observed_ms, case["fresh_for"], now_ms) == case["freshness"]
