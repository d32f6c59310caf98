"""Where a request comes from, as far as that counts: an address to limit tries by, a browser to tell sessions by."""

import ipaddress

from starlette.types import Scope

BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
            ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip
UNKNOWN = "Navigateur"
HOME_BITS = 64
"""Of an IPv6 address: whoever has one has the rest of its network too."""


def address_of(scope: Scope) -> str:
    """The address that a request comes from; of IPv6 the network."""
    host = (scope.get("client") or ("",))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(address) >> HOME_BITS << HOME_BITS, HOME_BITS)))
    return str(address)


def label_of(user_agent: str) -> str:
    """A browser in words that its owner knows it by; nothing of the header itself is kept."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), UNKNOWN)
    system = next((name for sign, name in SYSTEMS if sign in user_agent), None)
    return browser if system is None else f"{browser} · {system}"
