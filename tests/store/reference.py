"""Laws 1 to 4 said once more, as plainly as they read, to hold the live store's functions against.

Nothing is folded or remembered here: a row is worked out anew from all that was ever said of its pool.
"""

from dataclasses import dataclass, field

from capacity.board.clocks import rfc3339
from tests.world import DAY_MS

WEEK_MS = 7 * DAY_MS
PLACES = ("capacity", "extra", "out_of_service")


@dataclass(frozen=True)
class Said:
    """One accepted report: what, and when it was true by the server's clock."""

    id: str
    kind: str
    at: int
    fields: dict

    @property
    def rank(self):
        return self.at, self.id


@dataclass
class PoolModel:
    site: str
    capacity: int
    fresh_for: int
    row_seq: int
    said: list[Said] = field(default_factory=list)
    """All that was said within its day since the pool came onto the board, late or not: the law holds on all of it."""
    took_effect: list[int] = field(default_factory=list)
    """The moments of the reports that were not late."""

    def newest(self, kind, name=None):
        telling = [said for said in self.said if said.kind == kind and (name is None or name in said.fields)]
        return max(telling, key=lambda said: said.rank, default=None)

    def occupied(self):
        count = self.newest("count")
        start, since = (count.fields["occupied"], count.at) if count else (0, -1)
        moved = sum(said.fields["delta"] for said in self.said if said.kind == "movement" and said.at > since)
        return max(0, start + moved)

    def places(self, name):
        newest = self.newest("inventory", name)
        return newest.fields[name] if newest else {"capacity": self.capacity}.get(name, 0)

    def observed(self):
        return max(self.took_effect, default=None)

    def changes(self, new: Said) -> bool:
        """Law 2: whether a report comes in time to change anything."""
        if new.kind == "count":
            return all(said.rank < new.rank for said in self.said if said.kind == "count")
        if new.kind == "movement":
            return all(said.at < new.at for said in self.said if said.kind == "count")
        if new.kind == "inventory":
            newest = [self.newest("inventory", name) for name in PLACES if name in new.fields]
            return any(said is None or said.rank < new.rank for said in newest)
        if new.kind == "status":
            newest = self.newest("status")
            return newest is None or newest.rank < new.rank
        return self.observed() is None or new.at >= self.observed()

    def row(self, pool):
        status = self.newest("status")
        status = status.fields["status"] if status else "open"
        places = {name: self.places(name) for name in PLACES}
        left = places["capacity"] + places["extra"] - places["out_of_service"] - self.occupied()
        observed = self.observed()
        return {
            "pool": pool, "site": self.site, "seq": self.row_seq, "status": status, **places,
            "occupied": self.occupied(), "held": 0,
            "free": left if status == "open" and left > 0 else 0, "over": -left if left < 0 else 0,
            "observed_at": None if observed is None else rfc3339(observed), "fresh_for": self.fresh_for,
            "contingents": [],
        }  # fmt: skip


class Model:
    """A territory as the laws want it, report by report."""

    def __init__(self):
        self.seq = 0
        self.pools: dict[str, PoolModel] = {}
        self.gone: dict[str, int] = {}
        self.answers: dict[str, int] = {}
        self.numbered: list[tuple[str, str, str]] = []
        """Id, pool and outcome of each number, in order."""

    def rows(self):
        rows = {pool: model.row(pool) for pool, model in self.pools.items()}
        rows |= {pool: {"pool": pool, "seq": seq, "gone": True} for pool, seq in self.gone.items()}
        return rows

    def number(self, command_id, pool, outcome):
        self.seq += 1
        self.numbered.append((command_id, pool, outcome))
        return self.seq

    def register(self, pool, edit_id, site, capacity, fresh_for, now):
        known = self.pools.get(pool)
        if known is None:
            self.gone.pop(pool, None)
            self.pools[pool] = PoolModel(site, capacity, fresh_for, self.number(edit_id, pool, "applied"))
        elif (known.site, known.capacity, known.fresh_for) != (site, capacity, fresh_for):
            if known.capacity != capacity:
                # An edit of the registered capacity is a newer word on the capacity, and no report.
                known.said.append(Said(edit_id, "inventory", now, {"capacity": capacity}))
            known.site, known.capacity, known.fresh_for = site, capacity, fresh_for
            known.row_seq = self.number(edit_id, pool, "applied")

    def remove(self, pool, edit_id):
        if self.pools.pop(pool, None) is not None:
            self.gone[pool] = self.number(edit_id, pool, "applied")

    def take(self, pool, new: Said, received):
        """The outcome, the number and the row of one report."""
        if new.id in self.answers:
            return "duplicate", self.answers[new.id], self.rows().get(pool)
        if new.at < received - WEEK_MS:
            return "rejected", "/problems/too-old", None
        model = self.pools.get(pool)
        if model is None:
            return "rejected", "/problems/unknown-pool", None
        if new.kind == "confirmation" and new.fields["seq"] != model.row_seq:
            return "rejected", "/problems/row-changed", model.row(pool)
        in_its_day = new.at >= received - DAY_MS
        outcome = "applied" if in_its_day and model.changes(new) else "late"
        self.answers[new.id] = self.number(new.id, pool, outcome)
        if outcome == "applied":
            model.row_seq = self.seq
            model.took_effect.append(new.at)
        if in_its_day:
            model.said.append(new)
        return outcome, self.seq, model.row(pool)
