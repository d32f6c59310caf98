"""Whether everybody may read the numbers of a territory's public sites, in Postgres."""

from dataclasses import dataclass

from capacity.errors import UnknownTerritory
from capacity.store.audit import Noted, note
from capacity.store.postgres import Database
from capacity.store.queries import load

_sql = load("publicity")


@dataclass(frozen=True, slots=True)
class Publicity:
    """A territory, and whether everybody may read its public sites."""

    id: str
    name: str
    is_public: bool


class PublicityStore:
    """Every method raises LedgerUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, territory: str) -> Publicity:
        """What a territory is now. Raises UnknownTerritory."""
        async with self._database.connection() as connection:
            line = await connection.fetchrow(_sql["territory"], territory)
        if line is None:
            raise UnknownTerritory
        return Publicity(**line)

    async def open_to_all(self) -> list[Publicity]:
        """The territories whose public sites everybody may read, by name."""
        async with self._database.connection() as connection:
            return [Publicity(**line) for line in await connection.fetch(_sql["open_to_all"])]

    async def set(self, territory: str, *, is_public: bool, noted: Noted) -> None:
        """Open it to everybody, or close it again; what changes nothing is not noted either."""
        async with self._database.transaction() as connection:
            if await connection.fetchval(_sql["set_publicity"], territory, is_public) is not None:
                await note(connection, noted)
