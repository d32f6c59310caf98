"""Names as parts of ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.vocabulary.slugs import is_territory, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Les Œillets", "les-oeillets"),
        ("Église Saint-Merri, 4e", "eglise-saint-merri-4e"),
        ("  Nellie's Women's Shelter ", "nellie-s-women-s-shelter"),
        ("Others-CCCPS105a", "others-cccps105a"),
        ("—", ""),
    ],
)
def test_a_name_becomes_a_slug(name, slug):
    assert slug_of(name) == slug


@given(st.text(max_size=40))
def test_every_slug_that_is_not_empty_could_name_a_territory(name):
    assert slug_of(name) == "" or is_territory(slug_of(name)[:40].strip("-"))
