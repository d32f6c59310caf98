"""The requests of past nights, as the ledger in Postgres keeps their commands."""

from datetime import timedelta

from capacity.board.nights import Night
from capacity.store.postgres import Reads
from capacity.store.queries import load

LAST_WORD = timedelta(hours=49)
"""After its night a request has its outcome within this time, or never."""

_sql = load("requests")


class RequestLedger:
    """Reads of the ledger. Every method raises LedgerUnavailable."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def of_night(self, territory: str, night: Night, through_seq: int) -> list[str]:
        """The JSON of a night's commands up to a number, oldest first."""
        until = night.end + LAST_WORD
        lines = await self._reads.fetch(_sql["night_commands"], territory, str(night), night.start, until, through_seq)
        return [line["body"] for line in lines]
