"""Auditing: what somebody did is noted, by role and credential, never by name."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from capacity.board.access import Caller
from capacity.board.clocks import Clock
from capacity.store.audit import AuditLine, AuditStore, Noted
from capacity.vocabulary.acts import Act

READ_AGAIN_MS = 3_600_000
"""A screen asks for the same sites again and again: that one credential reads an address is noted once an hour."""
MOST_REMEMBERED = 50_000


class Auditing:
    """Notes acts and tells them. Every method that waits raises LedgerUnavailable."""

    def __init__(self, store: AuditStore, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._read: dict[tuple[str, str, str], float] = {}

    def noted(self, caller: Caller, territory: str, act: Act, *subjects: str) -> Noted:
        """The line, for a store that keeps it in the transaction of what was done. `subjects` are ids only."""
        at = datetime.fromtimestamp(self._clock() / 1000, UTC)
        return Noted(territory, at, caller.grant(territory).role, caller.credential or None, act, subjects or ("",))

    async def note(self, caller: Caller, territory: str, act: Act, subject: str = "") -> None:
        """Keep that it was done. `subject` is the id of what it was done to: a site, a person, a device, a hold."""
        await self._store.add(self.noted(caller, territory, act, subject))

    async def note_everywhere(self, caller: Caller, act: Act) -> None:
        """Keep what somebody did of its own account, in each territory that it is something for."""
        for territory in caller.grants:
            await self.note(caller, territory, act)

    async def note_read(self, caller: Caller, territory: str, site_ids: Iterable[str]) -> None:
        """Keep that somebody was told where protected sites are, before they are told."""
        now_ms = self._clock()
        read = {(caller.credential or caller.id, territory, site_id): site_id for site_id in site_ids}
        new = {key: site_id for key, site_id in read.items() if self._read.get(key, 0) <= now_ms - READ_AGAIN_MS}
        if not new:
            return
        await self._store.add(self.noted(caller, territory, Act.PROTECTED_READ, *sorted(new.values())))
        if len(self._read) + len(new) > MOST_REMEMBERED:
            self._read.clear()
        self._read |= dict.fromkeys(new, now_ms)

    async def page(self, territory: str, before: int | None, limit: int) -> Sequence[AuditLine]:
        """The latest lines of a territory, latest first; only those before an id where one is given."""
        return await self._store.page(territory, before, limit)
