"""The devices and systems that a territory has let in, in Postgres."""

from datetime import datetime

from capacity.store.postgres import Database
from capacity.store.queries import load
from capacity.wire.devices import Device

_sql = load("devices")

MOST_DEVICES = 1_000


class DeviceStore:
    """Every method raises LedgerUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_territory(self, territory: str, ended_after: datetime) -> list[Device]:
        """Those that are let in, newest first, then those that ended after a moment."""
        return await self._devices(territory, None, ended_after)

    async def one(self, territory: str, device_id: str, ended_after: datetime) -> Device | None:
        """One of them; None for one of another territory, and for a person's session."""
        return next(iter(await self._devices(territory, device_id, ended_after)), None)

    async def _devices(self, territory: str, device_id: str | None, ended_after: datetime) -> list[Device]:
        async with self._database.connection() as connection:
            lines = await connection.fetch(_sql["devices"], territory, device_id, ended_after, MOST_DEVICES)
        return [Device(**{**line, "id": str(line["id"])}) for line in lines]
