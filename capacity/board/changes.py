"""What the live store says of a territory: rows as their wire bytes, and the numbered commands that moved them."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class RowChange:
    """A pool's row as it stands on the wire, stamped with the number at which it last changed."""

    pool: str
    seq: int
    row: bytes
    gone: bool

    @classmethod
    def of(cls, seq: int, row: bytes) -> Self:
        """Read a row as the functions of the live store write it: the pool first, a tombstone's `gone` last."""
        start = len(b'{"pool":"')
        return cls(row[start : row.index(b'"', start)].decode(), seq, row, row.endswith(b',"gone":true}'))


@dataclass(frozen=True, slots=True)
class Board:
    """Rows of one territory, oldest stamp first: all of them, or those stamped after some number."""

    epoch: str
    seq: int
    rows: list[RowChange]


@dataclass(frozen=True, slots=True)
class Entry:
    """One numbered command of a territory's stream, as the ledger keeps it, with the rows that it changed."""

    seq: int
    command: bytes
    rows: list[RowChange]
    kept: bytes = b""
    """What the ledger keeps beside it for the rebuild, and tells nobody: see `_shared.lua`."""
