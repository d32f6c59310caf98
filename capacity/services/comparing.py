"""Comparing: whether the live store and the ledger are of one history, and which of the two is behind. Law 6.

By numbers first, then by the ids of commands: a store that came back older gives numbers anew, to other commands.
"""

import json
from enum import StrEnum

from capacity.store.ledger import Cursor, LedgerStore
from capacity.store.live import LiveStanding, LiveStore


class Standing(StrEnum):
    """How the live store stands to the ledger. `ADVICE` says what helps where we cannot help ourselves."""

    WHOLE = "whole"
    PARTIAL = "partial"
    """Open, but not all pools of the registry were brought to it."""
    LOST = "lost"
    """The live store does not have the territory."""
    OLDER = "older"
    """The live store is a past state of this ledger, and has nothing that the ledger lacks."""
    APART = "apart"
    """The two have other commands under the same numbers, or never were of one history."""
    LEDGER_OLDER = "ledger older"
    """The ledger lacks numbers that the live store's stream no longer holds."""


ADVICE = {
    Standing.APART: (
        "the live store and the ledger have other commands under the same numbers: the live store is an old copy that "
        "went on, or not the one of this ledger. Correct CAPACITY_REDIS_URL or CAPACITY_DATABASE_URL if one of them is "
        "wrong; else stop every serve and run `capacity rebuild TERRITORY --discard`, which keeps what the ledger "
        "lacks in a file and makes the board anew from the ledger"
    ),
    Standing.LEDGER_OLDER: (
        "the ledger is older than the live store, and what lies between is no longer in its stream: it was restored "
        "from an old backup. Restore a newer one; if there is none, stop every serve and run "
        "`capacity rebuild TERRITORY --discard`, which makes the board anew as the ledger knows it"
    ),
}
"""What only a person can decide, and how."""


class Comparing:
    """Looks at both stores. Every method raises LedgerUnavailable, StoreUnavailable."""

    def __init__(self, live: LiveStore, ledger: LedgerStore) -> None:
        self._live = live
        self._ledger = ledger

    async def standing(self, territory: str) -> Standing:
        """How the live store stands to the ledger now.

        What a person must decide on is looked at twice: between two reads the recorder goes on.
        """
        found = await self._look(territory)
        return await self._look(territory) if found in ADVICE else found

    async def _look(self, territory: str) -> Standing:
        cursor = await self._ledger.cursor(territory)  # first: the live store can only be further by then
        live = await self._live.standing(territory)
        if live is None:
            return Standing.LOST
        well = Standing.PARTIAL if live.is_partial else Standing.WHOLE
        if cursor is None or (cursor.epoch != live.epoch and cursor.seq == live.opened_after):
            return well
        if cursor.epoch == live.epoch and live.seq >= cursor.seq:
            return await self._of_one_epoch(territory, cursor, live, well)
        if live.seq <= cursor.seq:
            return Standing.OLDER if await self.agree_at(territory, live.seq) else Standing.APART
        return Standing.LEDGER_OLDER if live.opened_after > cursor.seq else Standing.APART

    async def _of_one_epoch(self, territory: str, cursor: Cursor, live: LiveStanding, well: Standing) -> Standing:
        if not await self.agree_at(territory, cursor.seq):
            return Standing.APART
        is_cut = live.seq > cursor.seq and (live.first is None or live.first > cursor.seq + 1)
        return Standing.LEDGER_OLDER if is_cut else well

    async def agree_at(self, territory: str, seq: int) -> bool:
        """Whether both stores hold the same command under a number, where the stream still has it."""
        if seq == 0:
            return True
        said = await self._live.entries(territory, seq - 1, 1)
        kept = await self._ledger.commands(territory, seq - 1, 1)
        if not said or not kept or said[0].seq != seq:
            return True
        return bool(json.loads(said[0].command)["id"] == json.loads(kept[0])["id"])
