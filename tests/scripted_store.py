"""A live store that says what a test wants, when it wants: for time, losses and slow readers, not for laws."""

import asyncio
import json

from capacity.board.changes import Board, Entry, RowChange
from capacity.errors import StoreUnavailable, UnknownTerritory

TERRITORY = "75"


def row(pool, seq, **fields):
    return json.dumps({"pool": pool, "seq": seq, **fields}, separators=(",", ":")).encode()


class ScriptedStore:
    """Holds one territory, `75`, with the calls of `LiveStore` that broadcasting makes."""

    def __init__(self, epoch="e1"):
        self.epoch, self.seq = epoch, 0
        self.rows: dict[str, RowChange] = {}
        self.entries: list[Entry] = []
        self.is_lost = False
        self.asked = 0
        self.answers = asyncio.Event()  # cleared: answers are made, and under way for long
        self.answers.set()
        self._stirred = asyncio.Event()

    def say(self, *changes, **fields):
        """Number one command for each pool named; `None` is a command that moves no row; `-a` takes `a` away."""
        for change in changes:
            self.seq += 1
            rows = [] if change is None else [self._move(change, fields)]
            self.entries.append(Entry(self.seq, b"{}", rows))
        self.stir()

    def _move(self, change, fields):
        pool, gone = change.removeprefix("-"), change.startswith("-")
        raw = row(pool, self.seq, gone=True) if gone else row(pool, self.seq, **fields)
        self.rows.pop(pool, None)
        self.rows[pool] = RowChange(pool, self.seq, raw, gone)
        return self.rows[pool]

    def lose(self):
        self.is_lost = True
        self.stir()

    def rebuild(self, epoch, seq):
        """Come back from the ledger: another epoch, every row stamped anew, and an empty stream."""
        self.epoch, self.seq, self.entries, self.is_lost = epoch, seq, [], False
        self.rows = {
            pool: RowChange(pool, seq, row(pool, seq, **fields_of(kept)), kept.gone) for pool, kept in self.rows.items()
        }
        self.stir()

    def stir(self):
        self._stirred.set()
        self._stirred = asyncio.Event()

    async def rows_since(self, territory, since):
        self.asked += 1
        board = Board(self.epoch, self.seq, [kept for kept in self.rows.values() if kept.seq > since])
        await self.answers.wait()
        if self.is_lost:
            raise StoreUnavailable
        if territory != TERRITORY:
            raise UnknownTerritory
        return board

    async def whole_board(self, territory):
        return await self.rows_since(territory, 0)

    async def follow(self, territory, after_seq):
        assert territory == TERRITORY
        while True:
            if self.is_lost:
                raise StoreUnavailable
            news = [entry for entry in self.entries if entry.seq > after_seq]
            if news:
                after_seq = news[-1].seq
                yield news
            else:
                await self._stirred.wait()
                yield []


def fields_of(change):
    return {name: value for name, value in json.loads(change.row).items() if name not in ("pool", "seq")}
