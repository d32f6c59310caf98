"""Sites and rows for the tests of a search: as few words as can be."""

import itertools
import json

from capacity.board.clocks import rfc3339
from capacity.board.distance import Point
from capacity.board.hours import read_hours
from capacity.board.needs import Household
from capacity.board.picture import Catchup
from capacity.board.search import Question, search
from capacity.board.shelters import Lodging, Shelter, Shelters
from capacity.board.vacancies import Vacancies
from capacity.vocabulary.words import Audience, Kind, Unit, Visibility
from tests.world import HOUR_MS, MINUTE_MS, NOW_MS

HERE = (48.8566, 2.3522)
AGES_MS = {"fresh": MINUTE_MS, "ageing": 3 * HOUR_MS, "stale": 7 * HOUR_MS, "unknown": None}
WORDS = {"w": Audience.WOMEN, "m": Audience.MEN, "f": Audience.FAMILIES, "c": Audience.COUPLES, "x": Audience.MIXED}

_numbers = itertools.count(1)


def row(pool_id, site_id, free, freshness="fresh", **said):
    """A pool's row on the wire; reports count as fresh for two hours."""
    age_ms = AGES_MS[freshness]
    observed = None if age_ms is None else rfc3339(NOW_MS - age_ms)
    fields = {"pool": pool_id, "site": site_id, "seq": next(_numbers), "status": "open", "free": free}
    return {**fields, "observed_at": observed, "fresh_for": 7200, "contingents": [], **said}


def take(vacancies, *rows, since=None):
    return vacancies.take(Catchup("epoch", since, next(_numbers), [json.dumps(one).encode() for one in rows]))


class City:
    """Sites with their rows, added one by one; `find` searches in them."""

    def __init__(self):
        self.shelters, self.rows = [], []

    def site(self, site_id, *pools, kind=Kind.SHELTER, at=HERE, hours="24/7", visibility=Visibility.PUBLIC):
        """`pools` are (audience, free) and perhaps a dict: unit, sleeps, traits, freshness, and what the row says."""
        lodgings = []
        for number, (audience, free, *more) in enumerate(pools):
            said = dict(*more)
            pool_id = f"{site_id}.{number}"
            unit, sleeps, traits = said.pop("unit", Unit.PLACE), said.pop("sleeps", None), said.pop("traits", ())
            if unit in ("place", "bed", "armchair", "room"):
                lodging = Lodging(pool_id, Unit(unit), WORDS.get(audience, audience), sleeps, frozenset(traits))
                lodgings.append(lodging)
            self.rows.append(row(pool_id, site_id, free, **said))
        point = None if at is None else Point.of(*at)
        self.shelters.append(
            Shelter(site_id, kind, visibility, point, read_hours(hours), tuple(lodgings), {"id": site_id})
        )
        return self

    def findings(self, women=0, men=0, children=0, *, near=HERE, now_ms=NOW_MS, **asked):
        vacancies = Vacancies()
        take(vacancies, *self.rows)
        household = Household(women, men, children)
        question = Question(household, near=near and Point.of(*near), **asked)
        return search(question, Shelters(self.shelters), vacancies, now_ms)

    def found(self, *party, **asked):
        """The options found, each as its lines `{pool: places}`."""
        return [
            {line.candidate.lodging.pool_id: line.places for line in option.fit.lines}
            for option in self.findings(*party, **asked).options
        ]
