"""Catch-ups that were made already, each good for a range of positions, so that a storm of readers shares a few. Law 8.

A reader takes what begins at its own number or before it (the reader's rule), so what was made for one serves all who
are a little further; and what was made a moment ago serves with the rows since then sent behind it. What a reader gets
twice, or gets in the second message, is never more than a small part of the first.
"""

from dataclasses import dataclass

from capacity.services.frames import Tail

WORTH_KEEPING_ROWS = 64
SPARE_PART = 8
"""As many numbers may lie between what was made and what is needed as an eighth of what is of use in it."""
MOST_KEPT = 8


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows of one catch-up, from after `since` (None: all of them) to `seq`, as they were then."""

    since: int | None
    seq: int
    rows: int
    tail: Tail

    def serves(self, since: int | None, seq: int) -> bool:
        """Whether a reader at `since` is well served by it, when the board is at `seq`."""
        behind = seq - self.seq
        if since is None or self.since is None:
            return since is self.since and behind <= self.rows // SPARE_PART
        ahead, of_use = since - self.since, min(self.rows, self.seq - since)
        return ahead >= 0 and ahead + behind <= of_use // SPARE_PART


class Shelf:
    """The long catch-ups of one window, the newest first; each is large, so there are few."""

    def __init__(self) -> None:
        self._kept: list[Kept] = []

    def find(self, since: int | None, seq: int) -> Kept | None:
        """One for a reader at `since` (None: it needs all rows) of a board that is at `seq`."""
        return next((kept for kept in self._kept if kept.serves(since, seq)), None)

    def put(self, kept: Kept) -> None:
        """Keep one that others may need; what can serve nobody any more goes, and of too many the shortest.

        A short one costs as little to make as to find.
        """
        if kept.rows < WORTH_KEEPING_ROWS:
            return
        of_use = [one for one in self._kept if kept.seq - one.seq <= one.rows // SPARE_PART]
        self._kept = [kept, *of_use]
        if len(self._kept) > MOST_KEPT:
            self._kept.remove(min(reversed(self._kept), key=lambda one: one.rows))

    def clear(self) -> None:
        """None of it may be shown any more."""
        self._kept.clear()
