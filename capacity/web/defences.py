"""What every answer tells a browser: one list, on every way by which an answer leaves."""

from collections.abc import Iterable, Sequence

Header = tuple[bytes, bytes]

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""A page's: nothing from another host, no inline script or style, no framing. `self` is the feed's WebSocket too.

An image may come from the page's own text, since a QR code does: as an image an SVG runs nothing and loads nothing.
"""
PAGE_HEADERS = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}

_ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # A page's own fetch names its origin all the same; what navigates (a form) would not, and none of ours does.
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_UNLESS_SAID: tuple[Header, ...] = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),  # data is no page
    (b"cache-control", b"no-store"),  # it depends on who asks
)
_HTTPS: tuple[Header, ...] = ((b"strict-transport-security", b"max-age=31536000"),)
_SECURE = frozenset({"https", "wss"})


def defended(headers: Iterable[Header], *, is_https: bool) -> list[Header]:
    """The headers of an answer with ours; what an answer says of its content and its keeping stands."""
    given = list(headers)
    names = {name for name, _ in given}
    more = (*_ALWAYS, *_HTTPS) if is_https else _ALWAYS
    return [*given, *more, *(header for header in _UNLESS_SAID if header[0] not in names)]


def is_https(scheme: str | None) -> bool:
    """Whether a scheme, as the server or a trusted proxy told it, is one over TLS."""
    return scheme in _SECURE


def lines(headers: Sequence[Header]) -> bytes:
    """Headers as they stand in an answer, each with a line end before it."""
    return b"".join(b"\r\n%b: %b" % header for header in headers)


PLAIN_LINES = lines((*_ALWAYS, _UNLESS_SAID[0]))
"""Ours, for an answer that says itself whether it may be kept."""
HTTPS_LINES = lines((*_ALWAYS, *_HTTPS, _UNLESS_SAID[0]))
