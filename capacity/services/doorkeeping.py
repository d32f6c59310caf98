"""Doorkeeping: whoever brings a secret is recognised from memory, and let in no longer than the registry says.

No database and no slow hash on the way of a request: secrets are 32 random bytes, so one SHA-256 is enough to keep
them by, and all live credentials stand in memory. Postgres is asked every second whether any of that has changed.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from capacity.board.access import NOBODY, Caller
from capacity.board.clocks import Clock, from_ms
from capacity.errors import LedgerUnavailable, NotSignedIn
from capacity.store.credentials import Credential, CredentialStore

LOOK_SECONDS = 1.0
"""How long a revoked credential may still be let in, at most; its open feeds are closed at the same look."""
TOUCH_EVERY_LOOKS = 30
SOONEST_LOOK_SECONDS = 0.25
"""A secret that nobody knows makes us look again, but no more often than this, however many guesses come."""
MOST_REMEMBERED = 10_000

log = logging.getLogger(__name__)


def secret_hash(secret: str) -> bytes:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class _Known:
    caller: Caller
    ends_ms: float


class Doorkeeper:
    """Knows every live credential. `run` keeps it up to date."""

    def __init__(self, store: CredentialStore, *, clock: Clock, nobody: Caller = NOBODY) -> None:
        """`nobody` is who brings no secret at all."""
        self._store = store
        self._clock = clock
        self._nobody = nobody
        self._version: int | None = None
        self._looked_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self._by_hash: dict[bytes, _Known] = {}
        self._by_secret: dict[str, _Known] = {}  # as it came, so that most requests need not even be hashed
        self._used_ms: dict[str, int] = {}
        self._inside: dict[Callable[[], None], Caller] = {}

    def recognise(self, secret: str | None) -> Caller | None:
        """Who brings this secret, from memory; None when nobody that we know of does. Never waits."""
        if secret is None:
            return self._nobody
        known = self._by_secret.get(secret) or self._remember(secret)
        if known is None:
            return None
        now_ms = self._clock()
        if known.ends_ms <= now_ms:
            return None
        self._used_ms[known.caller.credential] = now_ms
        return known.caller

    async def caller(self, secret: str | None) -> Caller:
        """Who brings this secret, or nobody when there is none.

        Raises:
            NotSignedIn: the secret is nobody's, or no longer.
            LedgerUnavailable: it is not known here, and Postgres cannot be asked.
        """
        caller = self.recognise(secret)
        if caller is None:  # it may have been let in a moment ago, and elsewhere
            await self._look_for_all()
            caller = self.recognise(secret)
        if caller is None:
            raise NotSignedIn
        return caller

    async def caller_anew(self, secret: str | None) -> Caller:
        """The same by a look that begins now: for what must not be answered from memory. Raises as `caller`."""
        await self._look_for_all()
        return await self.caller(secret)

    def enter(self, caller: Caller, leave: Callable[[], None]) -> None:
        """Call `leave`, once, when this caller's credential ends or its grants change: an open feed closes."""
        if caller.credential:
            self._inside[leave] = caller

    def exit(self, leave: Callable[[], None]) -> None:
        """It left by itself."""
        self._inside.pop(leave, None)

    async def run(self) -> None:
        """Look every second until cancelled; while Postgres is away, those who are known stay known."""
        looks = 0
        while True:
            try:
                await self.look()
                looks += 1
                if looks % TOUCH_EVERY_LOOKS == 0 and self._used_ms:
                    used_ms, self._used_ms = self._used_ms, {}
                    await self._store.touch({credential: from_ms(at_ms) for credential, at_ms in used_ms.items()})
            except LedgerUnavailable:
                log.debug("who is let in stays as it was: the ledger is away")
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Take in what has changed, and show out whoever is let in no more. Raises LedgerUnavailable."""
        self._looked_at = asyncio.get_running_loop().time()
        version = await self._store.version()
        if version != self._version:
            live = await self._store.live(from_ms(self._clock()))
            self._by_hash = {credential.secret_hash: _known(credential) for credential in live}
            self._by_secret = {}
            self._version = version
        self._show_out()

    async def _look_for_all(self) -> None:
        """One look that begins from now on serves all who wait for one."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_when_due(), name="look who is let in")
        await asyncio.shield(self._looking)

    async def _look_when_due(self) -> None:
        try:
            due_at = self._looked_at + SOONEST_LOOK_SECONDS
            await asyncio.sleep(max(0.0, due_at - asyncio.get_running_loop().time()))
        finally:
            self._looking = None  # who comes from here on may have been let in behind our look
        await self.look()

    def _remember(self, secret: str) -> _Known | None:
        known = self._by_hash.get(secret_hash(secret))
        if known is not None:
            if len(self._by_secret) >= MOST_REMEMBERED:
                self._by_secret.clear()
            self._by_secret[secret] = known
        return known

    def _show_out(self) -> None:
        now_ms = self._clock()
        callers = {known.caller.credential: known.caller for known in self._by_hash.values() if known.ends_ms > now_ms}
        for leave, caller in list(self._inside.items()):
            if callers.get(caller.credential) != caller:
                del self._inside[leave]
                leave()


def _known(credential: Credential) -> _Known:
    ends_at = credential.expires_at
    ends_ms = float("inf") if ends_at is None else ends_at.timestamp() * 1000
    return _Known(Caller(credential.holder, credential.id, credential.grants, need=credential.need), ends_ms)
