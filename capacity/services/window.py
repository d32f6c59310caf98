"""One kind of view of a territory's picture, with its readers: what they all need is made once. Laws 8 and 10."""

from collections.abc import Callable

from capacity.board.clocks import Clock
from capacity.board.picture import Catchup, Picture, Position
from capacity.board.visibility import View
from capacity.services.directory import Directory
from capacity.services.frames import Message, Tail
from capacity.services.lens import Lens, Unplaced
from capacity.services.readers import NOTHING, Crowd, Reader
from capacity.services.shelf import Kept, Shelf
from capacity.services.waves import come_again

TAILS_KEPT = 64
FEW = 8
"""So many newcomers a second each get a catch-up of their own, up to the present number in one message."""
COME_AGAIN = 1012
NOT_ALLOWED = 1008


class Window:
    """What the readers of one view see of a picture, and where they are.

    Its epoch is the picture's, and another one where the view hides or masks other pools than before: what a reader
    has from before would be under names that it may no longer know.
    """

    def __init__(
        self,
        picture: Picture,
        view: View,
        lens: Lens | None,
        *,
        clock: Clock,
        chance: Callable[[], float],
        crowd: Crowd,
    ) -> None:
        """`lens` is None for the view that sees everything, also what no registry has yet."""
        self.view = view
        self.is_waiting = False
        """A row is held back until it is known whose it is."""
        self._picture = picture
        self._lens = lens
        self._clock = clock
        self._chance = chance
        self._crowd = crowd
        self._wanted: dict[Reader, View] = {}
        self._sent: Position | None = self._position(picture.seq)  # every reader that drains is there or beyond
        self._placed_through = 0
        self._tails: dict[int | None, tuple[list[bytes], Tail]] = {}  # of catch-ups from a number to the present one
        self._shelf = Shelf()
        self._newcomers = self._newcomers_second = 0

    @property
    def epoch(self) -> str:
        """The epoch that its readers know."""
        return self._picture.epoch + ("" if self._lens is None else self._lens.signature)

    @property
    def has_readers(self) -> bool:
        """Whether anybody looks through it."""
        return len(self._crowd) > 0

    def rows_since(self, position: Position | None) -> Catchup:
        """What a reader at `position` still needs: all rows where its writes were lost. Never awaits."""
        return self._rows_since(self._since(position))

    def _since(self, position: Position | None) -> int | None:
        """The number after which a reader at `position` needs the rows; None where it needs them all."""
        if position is None or position.epoch != self.epoch or position.seq > self._picture.seq:
            return None
        return position.seq

    def _rows_since(self, seq: int | None) -> Catchup:
        changes = self._picture.changes_since(seq)
        if self._lens is None:
            return Catchup(self.epoch, seq, self._picture.seq, [change.row for change in changes])
        rows: list[bytes] = []
        for change in changes:
            try:
                row = self._lens.row(change)
            except Unplaced:  # nobody is beyond it until it can be shown or must not be
                self.is_waiting = True
                return Catchup(self.epoch, seq, max(seq or 0, change.seq - 1), rows)
            if row is not None:
                rows.append(row)
        return Catchup(self.epoch, seq, self._picture.seq, rows)

    def has_unplaced(self) -> bool:
        """Whether a row has to be held back; looks at what came since it was last asked."""
        if self._lens is None:
            return False
        since = self._placed_through if self._placed_through <= self._picture.seq else 0
        for change in self._picture.changes_since(since):
            try:
                self._lens.row(change)
            except Unplaced:
                self.is_waiting = True
                return True
        self._placed_through, self.is_waiting = self._picture.seq, False
        return False

    def board(self, position: Position | None) -> tuple[Catchup, Message]:
        """The same, and as the bytes of a message. Never awaits."""
        since = self._since(position)
        if not self.is_waiting and since in self._tails:
            rows, tail = self._tails[since]
            catchup = Catchup(self.epoch, since, self._picture.seq, rows)
            return catchup, Message(catchup, self._clock(), tail)
        catchup = self._rows_since(since)
        message = Message(catchup, self._clock())
        if catchup.is_complete or 2 * len(catchup.rows) > len(self._picture):
            self._crowd.count_board()
        if not self.is_waiting:
            if len(self._tails) >= TAILS_KEPT:
                self._tails.clear()
            self._tails[since] = catchup.rows, message.tail
        return catchup, message

    def join(self, reader: Reader, position: Position | None, wanted: View | None = None) -> None:
        """Send the reader what it still needs and make it one of the readers: one step, no await.

        `wanted` is its own view, where this is what that comes to at present.
        """
        is_first = not self.has_readers
        if wanted is not None and wanted != self.view:
            self._wanted[reader] = wanted
        self._crowd.join(reader)
        self._bring(reader, position)
        if is_first:
            self._sent = self._position(reader.seq)

    def leave(self, reader: Reader) -> None:
        """Write to it no more."""
        self._wanted.pop(reader, None)
        self._crowd.leave(reader)

    def pause(self, reader: Reader) -> None:
        """The reader's connection no longer drains."""
        self._crowd.pause(reader)

    def resume(self, reader: Reader) -> None:
        """The reader's connection has drained: it gets, merged, what it was not sent meanwhile. Law 8."""
        self._crowd.resume(reader)
        if reader.seq < self._picture.seq:
            self._bring(reader, None if reader.seq == NOTHING else self._position(reader.seq))

    def _is_crowded(self) -> bool:
        """Whether more than a few came within this second; this one counts."""
        second = self._clock() // 1000
        if second != self._newcomers_second:
            self._newcomers, self._newcomers_second = 0, second
        self._newcomers += 1
        return self._newcomers > FEW

    def _bring(self, reader: Reader, position: Position | None) -> None:
        """Send a reader at `position` its catch-up.

        Where many come at once that is what was made for others, as far as it goes, and behind it what came since.
        Where the connection has not taken the first, the others wait until it has.
        """
        is_crowded = self._is_crowded()
        while is_crowded and (kept := self._shelf.find(self._since(position), self._picture.seq)):
            made = Catchup(self.epoch, kept.since, kept.seq, [])
            self._crowd.send(reader, Message(made, self._clock(), kept.tail))
            if kept.seq == self._picture.seq or not reader.is_drained:
                return
            position = self._position(kept.seq)
        catchup, message = self.board(position)
        if catchup.seq <= reader.seq:  # what it lacks is held back
            return
        if not self.is_waiting:
            self._shelf.put(Kept(catchup.since, catchup.seq, len(catchup.rows), message.tail))
        self._crowd.send(reader, message)

    async def tick(self) -> None:
        """Write the rows that changed since the last message; with none of them it is a heartbeat."""
        catchup, message = self.board(self._sent)
        self._sent = Position(catchup.epoch, catchup.seq)
        await self._crowd.deliver(message)

    def close_stalled(self, stall_seconds: float) -> None:
        """Close the readers that stopped reading."""
        self._crowd.close_stalled(stall_seconds)

    def replace(self, picture: Picture) -> None:
        """Another picture: everybody begins anew."""
        self._picture = picture
        self._placed_through = 0
        self.begin_anew()

    def moved(self) -> None:
        """Rows of the picture moved."""
        self._tails.clear()

    def look_through(self, directory: Directory) -> bool:
        """Take what another version of the registry makes of this view; answers whether readers have news of it.

        Readers whose own view comes to another one now are sent away, and come again by themselves; so is the public
        where it may no longer read.
        """
        if self._lens is None:
            return False
        lens = directory.lens(self.view)
        if lens is self._lens:
            return False
        has_other_names = lens.signature != self._lens.signature
        self._lens = lens
        self._forget_made()
        was_waiting, self.is_waiting = self.is_waiting, False
        if has_other_names:
            self.begin_anew()
        others = [reader for reader, wanted in self._wanted.items() if directory.narrowed(wanted) != self.view]
        for reader in others:
            self._show_out(reader, COME_AGAIN, come_again(len(others), self._chance()))
        if lens.is_shut:
            for reader in list(self._crowd):
                self._show_out(reader, NOT_ALLOWED, "this access has ended")
        return has_other_names or was_waiting

    def begin_anew(self) -> None:
        """What the readers have is of no use any more."""
        self._sent = None
        self._forget_made()
        self._crowd.forget()

    def _forget_made(self) -> None:
        self._tails.clear()
        self._shelf.clear()

    def _show_out(self, reader: Reader, code: int, reason: str) -> None:
        self.leave(reader)
        reader.close(code, reason)

    def _position(self, seq: int) -> Position:
        return Position(self.epoch, seq)
