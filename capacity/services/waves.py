"""How readers come in when thousands come at once: a few in each turn of the event loop, in the order of their coming.

A join costs a handshake and a catch-up. All of them in one turn would hold up every report for as long as they take
together; so a few are let in, then everything else has its turn. The line is bounded: who would stand in it for longer
than a screen waits is told when to come again, each at another moment. So is everybody when a process stops.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from random import random

from capacity.errors import TooManyRequests

A_WAVE = 4
"""Readers let in during one turn of the event loop: two milliseconds of work, about."""
LONGEST_LINE = 12_000
"""A screen gives up a connection that says nothing for 20 s; on a slow core a join takes a millisecond and a half."""
JOIN_SECONDS = 0.0005
"""How far apart readers should come for each of them: at this pace others can take them in as they come."""
LONGEST_SPREAD_SECONDS = 4.0


class Waves:
    """The door of one process's feed."""

    def __init__(
        self, a_wave: int = A_WAVE, longest_line: int = LONGEST_LINE, *, chance: Callable[[], float] = random
    ) -> None:
        """`chance` gives a number from 0 to below 1."""
        self._a_wave = a_wave
        self._longest_line = longest_line
        self._chance = chance
        self._left = a_wave
        self._line: deque[asyncio.Future[None]] = deque()
        self._is_armed = False

    async def turn(self) -> None:
        """Wait until it is this reader's turn to come in; at once, while few come.

        Raises:
            TooManyRequests: the line is too long; it says after how many seconds to come again, to each another number.
        """
        if self._left and not self._line:
            self._left -= 1
            self._arm()
            return
        if len(self._line) >= self._longest_line:
            raise TooManyRequests("Too many come at once; come again in a moment.", self._later_seconds())
        place = asyncio.get_running_loop().create_future()
        self._line.append(place)
        self._arm()
        await place

    def _later_seconds(self) -> int:
        line_seconds = len(self._line) * JOIN_SECONDS
        return math.ceil(line_seconds * (1 + self._chance()))

    def _arm(self) -> None:
        if not self._is_armed:
            self._is_armed = True
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        self._is_armed = False
        self._left = self._a_wave
        while self._line and self._left:
            place = self._line.popleft()
            if not place.done():  # else it has left the line
                place.set_result(None)
                self._left -= 1
        if self._line:
            self._arm()


def come_again(readers: int, chance: float) -> str:
    """What one of so many readers is told who are all sent away now: a moment of its own, soon where they are few.

    A close reason, which a browser shows its page: `again in 340 ms`. `chance` is from 0 to below 1.
    """
    spread_seconds = min(readers * JOIN_SECONDS, LONGEST_SPREAD_SECONDS)
    return f"again in {round(1000 * spread_seconds * chance)} ms"
