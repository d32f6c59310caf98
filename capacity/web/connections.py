"""How many connections are open, in all and by one caller: what is over is refused before a byte of it is read."""

import asyncio
from collections.abc import Callable
from ipaddress import ip_address

from capacity.web.clients import address_of

MOST = 20_000
MOST_AN_ADDRESS = 200
MOST_OF_THIS_MACHINE = 2_000
"""A proxy that was not declared, or whoever tries the service out."""

Address = tuple[str, int]
Trusts = Callable[[Address | None], bool]
"""Whether an address is that of a declared proxy, behind which everybody may be."""


class Connections:
    """The open connections of this process, HTTP and WebSocket alike."""

    def __init__(
        self, most: int = MOST, most_an_address: int = MOST_AN_ADDRESS, *,
        most_of_this_machine: int = MOST_OF_THIS_MACHINE, trusts: Trusts | None = None,
    ) -> None:  # fmt: skip
        """`trusts` tells declared proxies, where there are any: they and this machine then have no cap of their own."""
        self._most = most
        self._most_an_address = most_an_address
        self._most_of_this_machine = most_of_this_machine
        self._trusts = trusts
        self._address_of: dict[asyncio.BaseTransport, str] = {}
        self._open: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._address_of)

    def enter(self, transport: asyncio.BaseTransport, client: Address | None) -> bool:
        """Whether it may stay; a Unix socket has no client."""
        if len(self._address_of) >= self._most:
            return False
        address = address_of({"client": client})
        open_now = self._open.get(address, 0)
        if open_now >= self._cap(client):
            return False
        self._address_of[transport] = address
        self._open[address] = open_now + 1
        return True

    def leave(self, transport: asyncio.BaseTransport) -> None:
        """It is closed; one that was refused was never in."""
        address = self._address_of.pop(transport, None)
        if address is None:
            return
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

    def _cap(self, client: Address | None) -> int:
        if client is None:
            return self._most
        is_ours = ip_address(client[0].partition("%")[0]).is_loopback
        if self._trusts is None:
            return max(self._most_an_address, self._most_of_this_machine) if is_ours else self._most_an_address
        return self._most if is_ours or self._trusts(client) else self._most_an_address
