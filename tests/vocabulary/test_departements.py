"""The 101 départements, each by its code."""

import re

from capacity.vocabulary.departements import DEPARTEMENTS, territory_name
from capacity.vocabulary.slugs import is_territory


def test_there_are_101_each_with_a_code_that_can_name_a_territory() -> None:
    assert len(DEPARTEMENTS) == 101
    assert all(is_territory(code) for code in DEPARTEMENTS)


def test_codes_run_without_a_hole() -> None:
    numbers = [int(code) for code in DEPARTEMENTS if re.fullmatch(r"\d{2}", code)]
    assert numbers == [number for number in range(1, 96) if number != 20]


def test_a_territory_of_another_name_is_called_by_its_slug() -> None:
    assert territory_name("75") == "Paris"
    assert territory_name("toronto") == "toronto"
