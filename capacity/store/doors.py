"""What the live store keeps of signing in: tries that were made, and visits to OpenID providers. Digests only."""

from typing import Literal

from capacity.store.live import LiveStore

TAG = "{access}:"


class DoorStore:
    """The functions of `attempts.lua` and `visits.lua`. Every method raises StoreUnavailable."""

    def __init__(self, live: LiveStore) -> None:
        self._live = live

    async def attempt(
        self, digest: str, now_ms: int, *, free: int, first_ms: int, longest_ms: int, kept_seconds: int
    ) -> int:
        """Count a try; how many ms it has to wait instead, 0 when it may go ahead."""
        args = (now_ms, free, first_ms, longest_ms, kept_seconds)
        return int(await self._live.call("attempt_v1", (f"{TAG}tries:{digest}",), args))

    async def forgive(self, digest: str, which: Literal["one", "all"]) -> None:
        """The last try was right."""
        await self._live.call("forgive_v1", (f"{TAG}tries:{digest}",), (which,))

    async def begin_visit(self, digest: str, remembered: str, seconds: int) -> None:
        """Remember something until it is asked for, at most so long."""
        await self._live.call("visit_begin_v1", (f"{TAG}visit:{digest}",), (remembered, seconds))

    async def end_visit(self, digest: str) -> bytes | None:
        """What was remembered; None when it was asked for before, or too long ago."""
        return bytes(await self._live.call("visit_end_v1", (f"{TAG}visit:{digest}",), ())) or None
