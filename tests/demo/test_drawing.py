"""Chance that is the same every time, and parts that add up."""

from hypothesis import given
from hypothesis import strategies as st

from capacity.demo.drawing import draw, draw_between, spread

weights = st.lists(st.floats(0.01, 100), min_size=1, max_size=40)


def test_the_same_words_draw_the_same_number():
    assert draw("chu-les-ormes", "free") == draw("chu-les-ormes", "free")
    assert draw("chu-les-ormes", "free") != draw("chu-les-ormes", "age")


@given(st.integers(-50, 50), st.integers(0, 50), st.text())
def test_what_is_drawn_lies_between_the_bounds(least, width, word):
    assert least <= draw_between(least, least + width, word) <= least + width


@given(st.integers(0, 30_000), weights)
def test_the_parts_add_up_and_each_is_within_one_of_its_share(total, weights):
    parts = spread(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) <= 1 + 1e-6
