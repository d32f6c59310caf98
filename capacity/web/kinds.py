"""What a request is for, told by its head alone: nothing is routed for it. Source: `capacity/board/pressure.py`."""

from capacity.board.pressure import Kind

_NEVER = frozenset({b"/healthz", b"/readyz", b"/metrics"})
"""Whoever watches us must be told also now."""
_BY_PASSWORD = (b"POST", b"/v1/session")
_SIGNING_IN = (b"/v1/session", b"/v1/oidc", b"/v1/devices/")
_EVERYBODYS = (b"/docs", b"/openapi.json", b"/donnees", b"/accessibilite", b"/public/")
_OF_THE_PAST = frozenset({b"history", b"ledger", b"audit", b"reliability", b"disagreements", b"explanation"})
_OF_DIRECTING = frozenset({b"holds", b"requests", b"availability", b"expiries"})
_READS = frozenset({b"GET", b"HEAD", b"OPTIONS"})
_TERRITORY_AT = 4
"""Where the parts of `/v1/territories/75/…` begin that say what is asked of the territory."""


def kind_of(method: bytes, url: bytes, *, is_known: bool, has_board: bool, is_upgrade: bool) -> Kind | None:
    """The kind of a request; None for one that is never refused.

    `is_known` is who brings a credential that opens something, `has_board` who names the answer that it has already.
    """
    path = url.partition(b"?")[0]
    if path in _NEVER:
        return None
    if is_upgrade:
        return Kind.JOINING
    if (method, path) == _BY_PASSWORD:
        return Kind.PASSWORD
    if not path.startswith(b"/v1/"):
        return Kind.LOOKING_BACK if path == b"/" or path.startswith(_EVERYBODYS) else Kind.BOARD
    if not is_known:
        return Kind.SIGNING_IN if path.startswith(_SIGNING_IN) else Kind.LOOKING_BACK
    return _of_a_territory(method, path.split(b"/")[_TERRITORY_AT:], has_board=has_board)


def _of_a_territory(method: bytes, asked: list[bytes], *, has_board: bool) -> Kind:
    what, last = (asked[0], asked[-1]) if asked else (b"", b"")
    is_read = method in _READS
    if what == b"reports" and not is_read:
        return Kind.REPORTING
    if what in _OF_THE_PAST or last in _OF_THE_PAST:
        return Kind.LOOKING_BACK
    if what in _OF_DIRECTING or not is_read:
        return Kind.DIRECTING
    return Kind.RECHECKING if what == b"board" and has_board else Kind.BOARD
