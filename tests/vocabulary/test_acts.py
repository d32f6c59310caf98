"""The closed list of acts, and the words that the register shows for them."""

import json
from pathlib import Path

from capacity.vocabulary.acts import Act


def test_the_register_says_every_act_in_french():
    said = json.loads((Path(__file__).parents[2] / "frontend/src/vocabulary/acts.json").read_text())
    assert said.keys() == set(Act)
    assert len(set(said.values())) == len(Act)
