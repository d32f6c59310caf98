"""The table of problems keeps its promises: stable, short, each type once."""

import json
import re
from pathlib import Path

from capacity.wire.problems import PROBLEM_TYPES, UNKNOWN_POOL


def test_each_type_of_problem_has_a_uri_of_its_own():
    uris = [kind.uri for kind in PROBLEM_TYPES]
    assert len(set(uris)) == len(uris)
    assert all(re.fullmatch(r"/problems/[a-z]+(-[a-z]+)*", uri) for uri in uris)


def test_a_problem_says_type_title_status_and_detail():
    assert UNKNOWN_POOL.body("None.", row=None) == {
        "type": "/problems/unknown-pool", "title": "No such pool", "status": 404, "detail": "None.", "row": None,
    }  # fmt: skip


def test_each_problem_is_an_error_of_http():
    assert all(400 <= kind.status < 600 for kind in PROBLEM_TYPES)


def test_the_screens_say_every_problem_in_french():
    said = json.loads((Path(__file__).parents[2] / "frontend/src/vocabulary/problems.json").read_text())
    assert {kind.slug for kind in PROBLEM_TYPES} == said.keys()
    for slug, words in said.items():
        assert words == words.strip(" ."), slug
        assert words[0].islower(), slug
        assert len(words) <= 100, slug
    assert list(said) == sorted(said)
