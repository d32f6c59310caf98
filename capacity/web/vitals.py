"""How the service and what it stands on are: the checks of /readyz, and what /metrics has to ask others for."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from pydantic_core import from_json

from capacity.board.clocks import Clock, to_ms
from capacity.errors import CapacityError, ReplicaAway, StoreUnavailable, UnknownTerritory
from capacity.services.broadcasting import Hub
from capacity.services.directory import Directories
from capacity.services.registering import Registering
from capacity.store.ledger import Cursor, LedgerStore
from capacity.store.live import LiveStore
from capacity.store.replica import Replica
from capacity.vocabulary.words import Visibility
from capacity.web.metrics import Metrics
from capacity.web.readiness import DEADLINE_SECONDS, CheckUp
from capacity.wire.moments import moment
from capacity.wire.service import Check

PROTECTED = "protected"
CONFIRM_SECONDS = 1.0
"""Of the deadline of a check: the mode must still be told when the replicas do not answer."""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the ledger is behind the live store: commands not yet recorded, and for how long the first waits.

    `seconds` is infinite when the first that waits is nowhere to be found.
    """

    numbers: int = 0
    seconds: float = 0.0


class Vitals:
    """Asks the stores how they are; every answer has a deadline."""

    def __init__(
        self,
        *,
        live: LiveStore,
        ledger: LedgerStore,
        registering: Registering,
        directories: Directories,
        hub: Hub,
        clock: Clock,
        recorder_lag_seconds: float,
        replica: Replica | None = None,
    ) -> None:
        self._live = live
        self._ledger = ledger
        self._registering = registering
        self._directories = directories
        self._hub = hub
        self._clock = clock
        self._most_lag_seconds = recorder_lag_seconds
        self._replica = replica

    def checks(self) -> Mapping[str, CheckUp]:
        """What must be in bounds, by name."""
        checks: dict[str, CheckUp] = {"redis": self._redis, "postgres": self._postgres, "recorder": self._recorder}
        if (replica := self._replica) is not None:

            async def replica_said() -> Check:  # never wrong: without it the primary answers
                return Check(ok=True, detail=replica.said)

            checks["replica"] = replica_said
        return checks

    async def tell(self, metrics: Metrics) -> None:
        """Bring what has to be asked for up to date; what cannot be had within the deadline stays as it was."""
        for telling in (self._tell_lag, self._tell_ages):
            try:
                async with asyncio.timeout(DEADLINE_SECONDS):
                    await telling(metrics)
            except (CapacityError, TimeoutError):
                metrics.failed(telling.__name__.removeprefix("_tell_"))

    async def _redis(self) -> Check:
        await self._live.ping()
        mode = await self._live.mode()
        if self._live.min_replicas:
            try:
                async with asyncio.timeout(CONFIRM_SECONDS):
                    await self._live.confirm()
            except (StoreUnavailable, TimeoutError) as exc:
                return Check(ok=False, detail=str(exc) or str(ReplicaAway()), mode=mode)
        return Check(ok=True, mode=mode)

    async def _postgres(self) -> str | None:
        await self._ledger.cursors()
        return None

    async def _recorder(self) -> str | None:
        for territory, lag in (await self._lags()).items():
            if lag.seconds == inf:
                return f"the stream of {territory} no longer holds what the ledger lacks: run `capacity doctor`"
            if lag.seconds > self._most_lag_seconds:
                return f"{lag.numbers} commands of {territory} wait for the ledger, the first for {lag.seconds:.0f} s"
        return None

    async def _tell_lag(self, metrics: Metrics) -> None:
        lags = (await self._lags()).values()
        metrics.lag_numbers.set(sum(lag.numbers for lag in lags))
        metrics.lag_seconds.set(max((lag.seconds for lag in lags), default=0.0))

    async def _lags(self) -> dict[str, Lag]:
        cursors = await self._ledger.cursors()
        territories = await self._registering.territories()
        return {territory.id: await self._lag(territory.id, cursors.get(territory.id)) for territory in territories}

    async def _lag(self, territory: str, cursor: Cursor | None) -> Lag:
        position = await self._live.position(territory)
        if position is None:
            return Lag()
        epoch, seq = position
        recorded = cursor.seq if cursor is not None and cursor.epoch == epoch else 0
        if recorded >= seq:
            return Lag()
        waiting = await self._live.entries(territory, recorded, 1)
        if not waiting:
            return Lag(seq - recorded, inf)
        received_ms = _moment_ms(from_json(waiting[0].command)["received_at"])
        return Lag(seq - recorded, max(0, self._clock() - received_ms) / 1000)

    async def _tell_ages(self, metrics: Metrics) -> None:
        oldest: dict[str, int] = {}
        unreported: dict[str, int] = {}
        for territory in await self._registering.territories():
            kinds = await self._kinds(territory.id)
            for row in await self._rows(territory.id):
                kind = kinds.get(row["site"], "other")
                if row["observed_at"] is None:
                    unreported[kind] = unreported.get(kind, 0) + 1
                else:
                    observed_ms = _moment_ms(row["observed_at"])
                    oldest[kind] = min(oldest.get(kind, observed_ms), observed_ms)
        now_ms = self._clock()
        metrics.tell_ages({kind: (now_ms - ms) / 1000 for kind, ms in oldest.items()}, unreported)

    async def _rows(self, territory: str) -> list[dict[str, Any]]:
        try:
            catchup, _ = (await self._hub.channel(territory)).board(None)
        except UnknownTerritory:  # in the registry, and not yet on the board
            return []
        return [from_json(row) for row in catchup.rows]

    async def _kinds(self, territory: str) -> dict[str, str]:
        """Each site's kind; protected ones are one kind of their own, or a kind with a single site would tell of it."""
        sites = (await self._directories.of(territory)).sites
        return {site.id: PROTECTED if site.visibility is Visibility.PROTECTED else site.kind for site in sites}


def _moment_ms(text: str) -> int:
    return to_ms(moment(text))
