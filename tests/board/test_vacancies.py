"""The rows of a territory as values, kept current by catch-ups."""

from capacity.board.freshness import freshness
from capacity.board.vacancies import Vacancies
from tests.board.found_places import AGES_MS, row, take
from tests.world import HOUR_MS, NOW_MS


def test_a_catch_up_brings_what_changed_and_takes_away_what_is_gone():
    vacancies = Vacancies()
    assert [one.pool_id for one in take(vacancies, row("a.0", "a", 3), row("b.0", "b", 1))] == ["a.0", "b.0"]
    assert take(vacancies, row("a.0", "a", 2), {"pool": "b.0", "seq": 9, "gone": True}, since=1) == []
    assert vacancies.get("a.0").free == 2
    assert vacancies.get("b.0") is None


def test_a_complete_board_replaces_all():
    vacancies = Vacancies()
    take(vacancies, row("a.0", "a", 3))
    assert [one.pool_id for one in take(vacancies, row("b.0", "b", 1))] == ["b.0"]
    assert vacancies.get("a.0") is None


def test_a_pool_that_moved_to_another_site_is_told():
    vacancies = Vacancies()
    take(vacancies, row("a.0", "a", 3))
    assert [one.site_id for one in take(vacancies, row("a.0", "b", 3), since=1)] == ["b"]


def test_a_vacancy_grows_old_as_any_row_does():
    vacancies = Vacancies()
    take(vacancies, *[row(word, "a", 1, word) for word in AGES_MS])
    for word in AGES_MS:
        vacancy = vacancies.get(word)
        assert vacancy.freshness(NOW_MS) == word
        for later in range(0, 24 * HOUR_MS, HOUR_MS // 4):
            assert vacancy.freshness(NOW_MS + later) is freshness(vacancy.observed_ms, 7200, NOW_MS + later)
