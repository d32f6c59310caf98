"""Pairing: a screen shows a code, somebody who may lets it in, and it fetches its token. Source: RFC 8628.

The screen proves that it is the one by its device code, of which only the hash is kept. Its token is made when it is
fetched, so that no store ever has it; what was admitted stands in the list of devices from the decision on, and can be
revoked before it was ever used.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from capacity.board.access import Permission
from capacity.board.clocks import Clock
from capacity.errors import StoreUnavailable, UnknownCode
from capacity.services.admitting import SECRET_BYTES, Admitting, Reservation
from capacity.services.equipping import Equipping, admitter
from capacity.store.pairing import Limits, PairingState, PairingStore, Pending
from capacity.vocabulary.codes import Pick, new_user_code, user_code_of
from capacity.vocabulary.roles import Role
from capacity.wire.devices import Device

LASTS_SECONDS = 900
INTERVAL_SECONDS = 3
LIMITS = Limits(most_an_address=30, seconds=600, most=2_000)
"""A site's screens come by one address, and a screen that nobody lets in asks anew each quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a screen keeps, and what it shows."""

    device_code: str
    user_code: str


class Pairing:
    """Every method raises StoreUnavailable."""

    def __init__(
        self,
        store: PairingStore,
        equipping: Equipping,
        admitting: Admitting,
        *,
        clock: Clock,
        pick: Pick,
        new_secret: Callable[[int], str],
        limits: Limits = LIMITS,
    ) -> None:
        """`pick` chooses the signs of a code, `new_secret` makes a text of so many random bytes."""
        self._store = store
        self._equipping = equipping
        self._admitting = admitting
        self._clock = clock
        self._pick = pick
        self._new_secret = new_secret
        self._limits = limits

    async def begin(self, client_id: str, label: str | None, address: str) -> Begun:
        """A screen asks to be let in. Raises TooManyRequests."""
        device_code = self._new_secret(SECRET_BYTES)
        while True:
            user_code = new_user_code(self._pick)
            if await self._store.open(
                user_code, _device(device_code), client_id, label or client_id,
                now_ms=self._clock(), lasts_ms=LASTS_SECONDS * 1000, interval_ms=INTERVAL_SECONDS * 1000,
                address=address, limits=self._limits,
            ):  # fmt: skip
                return Begun(device_code, user_code)

    async def look(self, typed: str) -> Pending:
        """The screen that shows a code. Raises UnknownCode."""
        user_code = user_code_of(typed)
        found = None if user_code is None else await self._store.look(user_code, self._clock())
        if found is None:
            raise UnknownCode
        return found

    async def approve(
        self, permitted: Permission, territory: str, typed: str, role: Role, sites: Sequence[str], label: str | None
    ) -> Device:
        """Let the screen in that shows a code.

        Raises:
            UnknownCode: nobody shows it, or somebody decided a moment ago: the first word stands.
            NotAllowed, InvalidBody, UnknownTerritory, LedgerUnavailable: as `Equipping.grants`
        """
        grants = await self._equipping.grants(permitted, territory, role, sites)
        pending = await self.look(typed)
        reserved = await self._admitting.reserve(label or pending.label, grants=grants, admitted_by=admitter(permitted))
        try:
            was_first = await self._store.approve(
                pending.user_code, self._clock(), reserved.credential, reserved.placeholder
            )
        except StoreUnavailable:  # whatever the store has taken: nobody gets in of whom we could not say so
            await self._admitting.withdraw(reserved)
            raise
        if not was_first:
            await self._admitting.withdraw(reserved)
            raise UnknownCode
        return await self._equipping.device(territory, reserved.credential)

    async def deny(self, typed: str) -> None:
        """Do not let the screen in that shows a code. Raises UnknownCode."""
        user_code = user_code_of(typed)
        if user_code is None or not await self._store.deny(user_code, self._clock()):
            raise UnknownCode

    async def poll(self, device_code: str, client_id: str) -> str | PairingState:
        """The token of a screen that was let in, once; else what there is to say.

        Raises:
            LedgerUnavailable: it was let in; ask again.
        """
        device = _device(device_code)
        state, credential, placeholder = await self._store.poll(device, client_id, self._clock())
        if state is not PairingState.APPROVED:
            return state
        secret = await self._admitting.hand_out(Reservation(credential, placeholder))
        await self._store.end(device)
        return PairingState.DENIED if secret is None else secret


def _device(device_code: str) -> str:
    """What a screen is known by."""
    return hashlib.sha256(device_code.encode()).hexdigest()
