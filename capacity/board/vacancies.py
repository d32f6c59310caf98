"""The rows of a territory as values to search in: each is parsed once, when it changes."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from capacity.board.clocks import to_ms
from capacity.board.contingents import Contingent, free_for
from capacity.board.freshness import bounds
from capacity.board.picture import Catchup, Position
from capacity.vocabulary.words import Freshness, Status


@dataclass(frozen=True, slots=True)
class Vacancy:
    """What a row says of a pool's free places; none are free while the pool is not open.

    `observed_at` is the wire's text of `observed_ms`; None: nobody has reported. Until `fresh_until_ms` the row is
    fresh, until `ageing_until_ms` it is ageing, and then `at_last` stale or, as ever, unknown.
    """

    pool_id: str
    site_id: str
    free: int
    observed_ms: int | None
    observed_at: str | None
    fresh_until_ms: int
    ageing_until_ms: int
    at_last: Freshness
    contingents: tuple[Contingent, ...] = ()
    status: Status = Status.OPEN

    def freshness(self, now_ms: int) -> Freshness:
        """How fresh it is. Law 7."""
        if now_ms <= self.fresh_until_ms:
            return Freshness.FRESH
        return Freshness.AGEING if now_ms <= self.ageing_until_ms else self.at_last

    def changes_ms(self, now_ms: int) -> float:
        """The first moment after `now_ms` at which its freshness or what a channel may promise is another."""
        moments = [self.fresh_until_ms + 1, self.ageing_until_ms + 1, *(one.until_ms for one in self.contingents)]
        return min((moment for moment in moments if moment > now_ms), default=float("inf"))

    def free_for(self, channel: str, now_ms: int) -> int:
        """How many places the channel may promise."""
        return free_for(channel, self.free, self.contingents, now_ms) if self.contingents else self.free


class Vacancies:
    """The pools on a territory's board, kept current by catch-ups as any reader's picture is. Law 8."""

    def __init__(self) -> None:
        self.position: Position | None = None
        self.changes = 0
        """How many changes there have been; grows with each."""
        self._by_pool: dict[str, Vacancy] = {}
        self._changed: dict[str, int] = {}  # sites by their latest change, which stands last

    def get(self, pool_id: str) -> Vacancy | None:
        """What is known of a pool; None for one that is not on the board."""
        return self._by_pool.get(pool_id)

    def changed_since(self, change: int) -> list[str]:
        """The sites of which a pool has changed after so many changes."""
        found = []
        for site_id, latest in reversed(self._changed.items()):
            if latest <= change:
                break
            found.append(site_id)
        return found

    def take(self, catchup: Catchup) -> list[Vacancy]:
        """Follow the board; answers the pools that came onto it or moved to another site."""
        before = self._by_pool
        if catchup.is_complete:
            self._by_pool = {}
            for vacancy in before.values():
                self._note_change(vacancy.site_id)
        arrived = []
        for row in catchup.rows:
            said = json.loads(row)
            if said.get("gone"):
                left = self._by_pool.pop(said["pool"], None)
                if left is not None:
                    self._note_change(left.site_id)
                continue
            vacancy = _vacancy(said)
            known = before.get(vacancy.pool_id)
            self._note_change(vacancy.site_id)
            if known is None or known.site_id != vacancy.site_id:
                arrived.append(vacancy)
                if known is not None:
                    self._note_change(known.site_id)
            self._by_pool[vacancy.pool_id] = vacancy
        self.position = Position(catchup.epoch, catchup.seq)
        return arrived

    def _note_change(self, site_id: str) -> None:
        self.changes += 1
        self._changed.pop(site_id, None)
        self._changed[site_id] = self.changes


def _vacancy(row: dict[str, Any]) -> Vacancy:
    observed_at = row["observed_at"]
    observed_ms = None if observed_at is None else _ms(observed_at)
    fresh_until_ms, ageing_until_ms = bounds(observed_ms, row["fresh_for"])
    return Vacancy(
        pool_id=row["pool"],
        site_id=row["site"],
        free=row["free"],
        observed_ms=observed_ms,
        observed_at=observed_at,
        fresh_until_ms=fresh_until_ms,
        ageing_until_ms=ageing_until_ms,
        at_last=Freshness.UNKNOWN if observed_ms is None else Freshness.STALE,
        contingents=tuple(
            Contingent(one["channel"], one["places"], _ms(one["until"]), one.get("held", 0))
            for one in row["contingents"]
        ),
        status=Status(row["status"]),
    )


def _ms(moment: str) -> int:
    return to_ms(datetime.fromisoformat(moment))
