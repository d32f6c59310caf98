"""Readers of the feed by a WebSocket, who keep a picture by the one rule of the wire and come back by number."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.faults.history import Picture

OPEN_SECONDS = 3.0
BACK_SECONDS = 0.05


class Reader:
    """One screen."""

    def __init__(self, who: str, port: int, territory: str, token: str) -> None:
        self.who = who
        self._url = f"ws://127.0.0.1:{port}/v1/territories/{territory}/feed"
        self._headers = {"Authorization": f"Bearer {token}"}
        self.epoch, self.seq = "", 0
        self.rows: dict[str, Any] = {}
        self.joined = self.messages = 0
        self.oddities: list[str] = []
        self.moved = asyncio.Event()

    async def follow(self) -> None:
        """Read until cancelled; a connection that breaks is opened again at the number that we have."""
        while True:
            with suppress(OSError, TimeoutError, WebSocketException):
                await self._read()
            await asyncio.sleep(BACK_SECONDS)

    async def _read(self) -> None:
        position = f"?since={self.seq}&epoch={self.epoch}" if self.epoch else ""
        async with connect(
            self._url + position, additional_headers=self._headers, open_timeout=OPEN_SECONDS, close_timeout=0.2,
            compression=None, proxy=None,
        ) as feed:  # fmt: skip
            self.joined += 1
            async for text in feed:
                if not self.take(json.loads(text)):
                    return

    def take(self, message: dict[str, Any]) -> bool:
        """Put a message over what we have; False when one before it is missing."""
        self.messages += 1
        if message["complete"]:
            self.rows = {}
        elif message["epoch"] != self.epoch or message["since"] > self.seq:
            return False
        if message["epoch"] == self.epoch and message["seq"] < self.seq:
            self.oddities.append(f"went back from {self.seq} to {message['seq']}")
        for row in message["rows"]:
            if "gone" in row:
                self.rows.pop(row["pool"], None)
            else:
                self.rows[row["pool"]] = row
        self.epoch, self.seq = message["epoch"], message["seq"]
        self.moved.set()
        return True

    async def until(self, seq: int) -> None:
        """Wait until we are at a number."""
        while self.seq < seq:
            self.moved.clear()
            await self.moved.wait()

    def picture(self) -> Picture:
        return Picture(self.who, self.seq, self.rows, tuple(self.oddities))
