"""When a made-up night may speak: its clock laid onto ours, and never more than so many messages a second."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from capacity.board.clocks import Clock

BURST_MS = 100
"""How far the rate may run ahead of itself after a pause: timers are not exact."""


@dataclass(slots=True)
class Pace:
    """The night begins at `start_ms` and goes `speed` times as fast as life; what falls behind goes as it may."""

    start_ms: int
    speed: float
    most_a_second: float
    clock: Clock
    wait: Callable[[float], Awaitable[object]]
    _free_at_ms: float = field(default=0, init=False)

    def moment_ms(self, at_ms: int) -> int:
        """A moment of the night on our clock."""
        return self.start_ms + int(at_ms / self.speed)

    def night_ms(self) -> int:
        """How far the night is."""
        return int((self.clock() - self.start_ms) * self.speed)

    async def until(self, at_ms: int) -> None:
        """Wait for a moment of the night."""
        ahead_ms = self.moment_ms(at_ms) - self.clock()
        if ahead_ms > 0:
            await self.wait(ahead_ms / 1000)

    async def turn(self) -> None:
        """Wait until one more message may go."""
        now_ms = self.clock()
        self._free_at_ms = max(self._free_at_ms + 1000 / self.most_a_second, now_ms - BURST_MS)
        if self._free_at_ms > now_ms:
            await self.wait((self._free_at_ms - now_ms) / 1000)
