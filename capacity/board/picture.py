"""A territory's rows in memory, ordered by stamp: every board and every catch-up comes from here. Law 8."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from capacity.board.changes import Board, RowChange
from capacity.errors import AheadOfBoard


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader is: it has every row stamped up to `seq` of this epoch."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Catchup:
    """What a reader needs to be at `seq`: wire rows, oldest stamp first; `since` is None for all rows."""

    epoch: str
    since: int | None
    seq: int
    rows: list[bytes]

    @property
    def is_complete(self) -> bool:
        """These are all the rows: the reader drops what it had."""
        return self.since is None


class Picture:
    """The newest row of each pool, tombstones too. `seq` is the number up to which it is current."""

    __slots__ = ("_rows", "epoch", "seq")

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.seq = 0
        self._rows: dict[str, RowChange] = {}  # by pool; the newest stamp stands last

    @classmethod
    def of(cls, board: Board) -> Self:
        """The picture that a whole board of the live store shows."""
        picture = cls(board.epoch)
        picture.put(board.seq, board.rows)
        return picture

    def __len__(self) -> int:
        """How many pools it knows, tombstones too."""
        return len(self._rows)

    @property
    def position(self) -> Position:
        """Where a reader is that has all of this."""
        return Position(self.epoch, self.seq)

    def put(self, seq: int, changes: Iterable[RowChange]) -> None:
        """Take what changed after our `seq` and up to `seq`, oldest stamp first.

        What we have already is passed over, so the same news may come twice, by the stream and by a catch-up.
        """
        known = self.seq
        if seq < known:
            return
        for change in changes:
            if change.seq > known:
                self._rows.pop(change.pool, None)
                self._rows[change.pool] = change
        self.seq = seq

    def rows_since(self, position: Position | None) -> Catchup:
        """The rows a reader at `position` still needs, oldest stamp first.

        Complete when `position` is None or of another epoch, and then without tombstones; else only rows
        stamped later (maybe none), tombstones too. Never awaits: a caller may answer and join the readers
        with nothing lost in between.

        Raises:
            AheadOfBoard: `position.seq` is beyond ours in the same epoch.
        Source: law 8, one reader rule.
        """
        since = None if position is None or position.epoch != self.epoch else position.seq
        return Catchup(self.epoch, since, self.seq, [change.row for change in self.changes_since(since)])

    def changes_since(self, seq: int | None) -> list[RowChange]:
        """What was stamped after a number of this epoch, oldest first; None: all that is on the board.

        Raises:
            AheadOfBoard: the number is beyond ours.
        """
        if seq is None:
            return [kept for kept in self._rows.values() if not kept.gone]
        if seq > self.seq:
            raise AheadOfBoard
        newer: list[RowChange] = []
        for kept in reversed(self._rows.values()):
            if kept.seq <= seq:
                break
            newer.append(kept)
        newer.reverse()
        return newer
