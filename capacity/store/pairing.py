"""Screens that wait to be let in, in the live store: the functions of `pairing.lua`, as values."""

from dataclasses import dataclass
from enum import StrEnum

from capacity.errors import TooManyRequests
from capacity.store.live import LiveStore

ACCESS_META = "{access}:meta"
"""What the keys of the access stand beside; no territory has a key there."""


class PairingState(StrEnum):
    """What has become of a screen that waits."""

    UNKNOWN = "unknown"
    """It never asked, or a quarter of an hour ago, or it has what it asked for."""
    SLOW = "slow"
    PENDING = "pending"
    DENIED = "denied"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Limits:
    """How often one caller may ask to be let in, and how many screens may wait in all."""

    most_an_address: int
    seconds: int
    most: int


@dataclass(frozen=True, slots=True)
class Pending:
    """A screen that shows a code: what it says it is, when it asked and until when it waits."""

    user_code: str
    client_id: str
    label: str
    asked_ms: int
    ends_ms: int


class PairingStore:
    """Every method raises StoreUnavailable."""

    def __init__(self, live: LiveStore) -> None:
        self._live = live

    async def open(
        self, user_code: str, device: str, client_id: str, label: str, *,
        now_ms: int, lasts_ms: int, interval_ms: int, address: str, limits: Limits,
    ) -> bool:  # fmt: skip
        """A screen begins to wait; False when its code is another's.

        Raises:
            TooManyRequests
        """
        outcome, seconds = await self._live.call(
            "pairing_open_v1",
            (ACCESS_META,),
            (
                user_code, device, client_id, label, now_ms, lasts_ms, interval_ms,
                address, limits.most_an_address, limits.seconds, limits.most,
            ),
        )  # fmt: skip
        if outcome == b"too-many":
            raise TooManyRequests("Too many screens ask to be let in; wait a little.", int(seconds))
        return bool(outcome == b"opened")

    async def look(self, user_code: str, now_ms: int) -> Pending | None:
        """Who shows a code and waits."""
        found = await self._live.read("pairing_look_v1", (ACCESS_META,), (user_code, now_ms))
        if not found:
            return None
        client_id, label, asked_ms, ends_ms = found
        return Pending(user_code, client_id.decode(), label.decode(), int(asked_ms), int(ends_ms))

    async def approve(self, user_code: str, now_ms: int, credential: str, placeholder: bytes) -> bool:
        """Let it in; False when nobody shows the code and waits."""
        args = (user_code, now_ms, PairingState.APPROVED, credential, placeholder.hex())
        return bool(await self._live.call("pairing_decide_v1", (ACCESS_META,), args) == b"done")

    async def deny(self, user_code: str, now_ms: int) -> bool:
        """Do not let it in; False when nobody shows the code and waits."""
        args = (user_code, now_ms, PairingState.DENIED, "", "")
        return bool(await self._live.call("pairing_decide_v1", (ACCESS_META,), args) == b"done")

    async def poll(self, device: str, client_id: str, now_ms: int) -> tuple[PairingState, str, bytes]:
        """What was decided; of an approved one its credential and what stands for its secret."""
        state, credential, placeholder = await self._live.call(
            "pairing_poll_v1", (ACCESS_META,), (device, client_id, now_ms)
        )
        return PairingState(state.decode()), credential.decode(), bytes.fromhex(placeholder.decode())

    async def end(self, device: str) -> None:
        """It has what it asked for."""
        await self._live.call("pairing_end_v1", (ACCESS_META,), (device,))
