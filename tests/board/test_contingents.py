"""What is free for a channel, by the same golden examples as the TypeScript and Lua tests."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from capacity.board.clocks import to_ms
from capacity.board.contingents import Contingent, free_for

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "contingents.json").read_text())


def ms(moment):
    return to_ms(datetime.fromisoformat(moment))


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_what_is_free_for_a_channel_is_as_the_golden_examples_say(case):
    contingents = [
        Contingent(one["channel"], one["places"], ms(one["until"]), one.get("held", 0)) for one in case["contingents"]
    ]
    assert free_for(case["channel"], case["free"], contingents, ms(case["at"])) == case["expect"]
