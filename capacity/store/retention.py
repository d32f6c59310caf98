"""What is kept longer than it has to be, in Postgres. A kind of data that is forgotten has two queries of its name."""

from datetime import datetime

from capacity.store.postgres import Database
from capacity.store.queries import load
from capacity.vocabulary.retention import Data

_sql = load("retention")


class RetentionStore:
    """Every method raises LedgerUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget(self, data: Data, before: datetime, most: int) -> int:
        """Take away at most so many of those that were over before a moment; answers how many there were."""
        async with self._database.connection() as connection:
            return int(await connection.fetchval(_sql[f"forget_{data}"], before, most))

    async def left(self, data: Data, before: datetime) -> int:
        """How many were over before a moment and are still there."""
        async with self._database.connection() as connection:
            return int(await connection.fetchval(_sql[f"left_{data}"], before))
