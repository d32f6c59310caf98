"""Where a request comes from, as far as limits need to know."""

from collections.abc import MutableMapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

UNKNOWN = "unknown"
_PREFIX_BITS = 64
"""Whoever has one IPv6 address has as many as it likes, of one network of this size."""


def address_of(scope: MutableMapping[str, Any]) -> str:
    """The address that a request came by."""
    client = scope.get("client")
    return UNKNOWN if client is None else one_caller(client[0])


def one_caller(address: str) -> str:
    """What is taken for one caller: an IPv4 address, or the network of an IPv6 one."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, _PREFIX_BITS), strict=False))
