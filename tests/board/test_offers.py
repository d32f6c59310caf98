"""What a search remembers is never another answer than a search that remembers nothing."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.board.clocks import rfc3339
from capacity.board.distance import Point, chord_between, fewest_walking_minutes, metres_between, walking_minutes
from capacity.board.needs import Household
from capacity.board.search import Question, Search, search
from capacity.board.shelters import Shelters
from capacity.board.vacancies import Vacancies
from capacity.vocabulary.words import Channel, Trait
from tests.board.found_places import AGES_MS, City, row, take
from tests.world import HOUR_MS, MINUTE_MS, NOW_MS

HOURS = ("24/7", "Mo-Su 18:00-08:00", "Mo-Su 08:00-12:00", None)
SITES = 12


def a_city(chance):
    city = City()
    for number in range(SITES):
        pools = [
            (
                chance.choice("wmfcx"),
                chance.randint(0, 4),
                {
                    "freshness": chance.choice(list(AGES_MS)),
                    "traits": ("pets",) if chance.random() < 0.4 else (),
                    **({"unit": "room", "sleeps": chance.randint(1, 4)} if chance.random() < 0.3 else {}),
                },
            )
            for _ in range(chance.randint(1, 4))
        ]
        at = (48.8 + chance.random() / 10, 2.3 + chance.random() / 10) if chance.random() < 0.9 else None
        city.site(f"site-{number}", *pools, at=at, hours=chance.choice(HOURS))
    return city


def a_question(chance):
    household = Household(chance.randint(0, 2), chance.randint(0, 2), chance.randint(0, 3))
    return Question(
        household if household.persons else Household(1),
        traits=frozenset({Trait.PETS}) if chance.random() < 0.3 else frozenset(),
        channel=chance.choice(list(Channel)),
        near=Point.of(48.8 + chance.random() / 10, 2.3 + chance.random() / 10) if chance.random() < 0.8 else None,
        limit=chance.randint(1, 6),
    )


def a_change(chance, city):
    """One row of the city anew: places, age, a place kept for somebody; now and then it leaves or moves."""
    known = chance.choice(city.rows)
    if chance.random() < 0.1:
        return {"pool": known["pool"], "seq": 1, "gone": True}
    until = rfc3339(NOW_MS + chance.randint(0, 3) * HOUR_MS)
    kept = [{"channel": "115", "places": 1, "until": until}] if chance.random() < 0.3 else []
    site_id = known["site"] if chance.random() < 0.9 else "site-0"
    return row(known["pool"], site_id, chance.randint(0, 4), chance.choice(list(AGES_MS)), contingents=kept)


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_a_search_that_remembers_answers_as_one_that_does_not(seed):
    chance = Random(seed)
    city = a_city(chance)
    shelters, vacancies = Shelters(city.shelters), Vacancies()
    take(vacancies, *city.rows)
    remembering, questions = Search(shelters, vacancies), [a_question(chance) for _ in range(3)]
    now_ms = NOW_MS
    for _ in range(12):
        question = chance.choice(questions)
        assert remembering.ask(question, now_ms) == search(question, Shelters(city.shelters), vacancies, now_ms)
        now_ms += chance.choice((0, 0, MINUTE_MS, 2 * HOUR_MS, -MINUTE_MS))
        if chance.random() < 0.1:
            take(vacancies, *city.rows)  # a board that is complete again
        else:
            take(vacancies, *(a_change(chance, city) for _ in range(chance.randint(0, 2))), since=1)


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_the_few_that_are_looked_at_are_the_best_of_all(seed):
    chance = Random(seed)
    city, question = a_city(chance), a_question(chance)
    vacancies = Vacancies()
    take(vacancies, *city.rows)
    few = search(question, Shelters(city.shelters), vacancies, NOW_MS)
    everything = search(replace(question, limit=10_000), Shelters(city.shelters), vacancies, NOW_MS).options
    assert few.options == everything[: question.limit]
    assert [option.rank for option in everything] == sorted(option.rank for option in everything)
    assert few.found == len(everything)
    metres = [option.place.metres for option in everything if option.place.metres is not None]
    assert few.nearest_metres == min(metres, default=None)


@pytest.mark.parametrize("degrees", [0.0, 1e-7, 1e-4, 0.003, 0.1, 3.0, 90.0, 180.0])
def test_the_fewest_minutes_are_never_more_than_the_walk(degrees):
    here, there = Point.of(0.0, 0.0), Point.of(0.0, degrees)
    chord = chord_between(here, there)
    assert fewest_walking_minutes(chord) <= walking_minutes(metres_between(here, there))


def test_only_the_sites_that_changed_are_looked_at_anew():
    city = City().site("a", ("w", 1), ("w", 1)).site("b", ("w", 1)).site("c", ("w", 1))
    vacancies = Vacancies()
    take(vacancies, *city.rows)
    before = vacancies.changes
    assert vacancies.changed_since(before) == []
    take(vacancies, row("b.0", "b", 0), since=1)
    take(vacancies, row("c.0", "c", 0), row("b.0", "b", 2), since=1)
    assert vacancies.changed_since(before) == ["b", "c"]
    take(vacancies, {"pool": "a.1", "seq": 9, "gone": True}, row("b.0", "c", 2), since=1)
    assert sorted(vacancies.changed_since(before + 3)) == ["a", "b", "c"]


def test_what_a_reader_may_be_promised_is_another_at_the_hour_of_a_contingent():
    kept = {"contingents": [{"channel": "115", "places": 1, "until": rfc3339(NOW_MS + HOUR_MS)}]}
    city = City().site("a", ("w", 1, kept))
    vacancies = Vacancies()
    take(vacancies, *city.rows)
    remembering = Search(Shelters(city.shelters), vacancies)
    asked = Question(Household(1), channel=Channel.MARAUDE)
    assert remembering.ask(asked, NOW_MS).found == 0
    assert remembering.ask(asked, NOW_MS + HOUR_MS - 1).found == 0
    assert remembering.ask(asked, NOW_MS + HOUR_MS).found == 1
