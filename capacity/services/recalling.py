"""Recalling: what the ledger has kept, as numbered commands or as a pool's states over time."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from capacity.board.clocks import to_ms
from capacity.board.history import Fact, Point, in_range, in_steps, tell
from capacity.errors import RangeTooLong, UnknownPool
from capacity.store.ledger import LedgerStore, Observed
from capacity.store.registry import RegistryStore

MOST_FACTS = 200_000
MOST_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """What a pool had at a moment, as the wire shows it; moments in milliseconds since 1970."""

    at_ms: int
    capacity: int
    occupied: int
    held: int
    free: int


class Recalling:
    """Reads of the ledger. Every method raises LedgerUnavailable."""

    def __init__(self, ledger: LedgerStore, registry: RegistryStore) -> None:
        self._ledger = ledger
        self._registry = registry

    async def ledger(self, territory: str, after_seq: int, limit: int) -> list[str]:
        """The JSON of the commands numbered after `after_seq`, oldest first. Raises UnknownTerritory."""
        await self._registry.version(territory)
        return await self._ledger.commands(territory, after_seq, limit)

    async def history(
        self, territory: str, pool_id: str, from_ms: int, to_ms: int, step_ms: int | None
    ) -> list[HistoryPoint]:
        """A pool from one moment to another: a point a step, or a point a change where no step is given.

        Raises:
            UnknownTerritory, UnknownPool
            RangeTooLong: more than `MOST_POINTS` points, or more than `MOST_FACTS` commands lie in the range.
        """
        await self._registry.version(territory)
        if not await self._ledger.is_pool_known(territory, pool_id):
            raise UnknownPool
        if step_ms is not None and (to_ms - from_ms) / step_ms > MOST_POINTS:
            raise RangeTooLong(f"More than {MOST_POINTS} points: take a longer step or a shorter range.")
        standing = await self._ledger.standing(territory, pool_id, _moment(from_ms))
        found = await self._ledger.observed(territory, pool_id, _moment(from_ms), _moment(to_ms), MOST_FACTS + 1)
        if len(found) > MOST_FACTS:
            raise RangeTooLong(f"More than {MOST_FACTS} commands lie in this range: take a shorter one.")
        points = tell(map(_fact, [*standing, *found]))
        if step_ms is not None:
            return [_history_point(point) for point in in_steps(points, from_ms, to_ms, step_ms)]
        told = [_history_point(point) for point in in_range(points, from_ms, to_ms)]
        if len(told) > MOST_POINTS:
            raise RangeTooLong(f"More than {MOST_POINTS} changes: give a step or a shorter range.")
        return told


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def _fact(observed: Observed) -> Fact:
    return Fact(to_ms(observed.observed_at), json.loads(observed.body))


def _history_point(point: Point) -> HistoryPoint:
    state = point.state
    return HistoryPoint(point.at_ms, state.capacity, state.occupied, state.held, state.free)
