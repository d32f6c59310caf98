"""A reader's copy of the board: what it has, how far it is, and whether a message follows on. Law 8."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from capacity.board.contingents import Contingent, free_for
from capacity.board.freshness import freshness
from capacity.board.picture import Position
from capacity.commands.service import ms_of
from capacity.vocabulary.words import Channel, Freshness, Status

Row = Mapping[str, Any]
"""A row in the shape of the wire."""


@dataclass(slots=True)
class Mirror:
    """Starts empty; `take` puts messages of the feed over it."""

    position: Position | None = None
    rows: dict[str, Row] = field(default_factory=dict)

    def take(self, message: Mapping[str, Any]) -> bool:
        """Put a message over the copy; False when something was missed before it, and nothing was taken."""
        epoch, seq, since = message["epoch"], message["seq"], message["since"]
        if message["complete"]:
            self.rows = {}
        elif self.position is None or self.position.epoch != epoch or self.position.seq < since:
            return False
        for row in message["rows"]:
            known = self.rows.get(row["pool"])
            if known is not None and known["seq"] > row["seq"]:
                continue
            if row.get("gone"):
                self.rows.pop(row["pool"], None)
            else:
                self.rows[row["pool"]] = row
        is_newer = message["complete"] or self.position is None or seq > self.position.seq
        if is_newer:
            self.position = Position(epoch, seq)
        return True


def freshness_of(row: Row, now_ms: int) -> Freshness:
    """How fresh a row is by the server's clock. Law 7."""
    observed_at = row["observed_at"]
    return freshness(None if observed_at is None else ms_of(observed_at), row["fresh_for"], now_ms)


def free_of(row: Row, channel: Channel, now_ms: int) -> int:
    """The free places of a row that a channel may promise: the others' contingents are kept from it."""
    kept = (
        Contingent(each["channel"], each["places"], ms_of(each["until"]), each.get("held", 0))
        for each in row["contingents"]
    )
    return free_for(channel, row["free"], kept, now_ms)


def rank(row: Row, now_ms: int) -> tuple[int, int, str]:
    """Where a row stands on the screen: known free places first, most of them on top, then doubtful, then full ones.

    An unknown or stale row is never among the plainly free. Law 7.
    """
    if row["status"] != Status.OPEN:
        return 3, 0, row["pool"]
    if freshness_of(row, now_ms) in {Freshness.UNKNOWN, Freshness.STALE}:
        return 1, -row["free"], row["pool"]
    return (0, -row["free"], row["pool"]) if row["free"] else (2, -row["over"], row["pool"])
