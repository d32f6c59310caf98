"""What a request is for, by its head."""

import pytest
from starlette.routing import Route, WebSocketRoute

from capacity.board.pressure import Kind
from capacity.web.kinds import kind_of
from tests.serving import app_on

T = b"/v1/territories/75"


def kind(method, url, *, is_known=True, has_board=False, is_upgrade=False):
    return kind_of(method, url, is_known=is_known, has_board=has_board, is_upgrade=is_upgrade)


@pytest.mark.parametrize(
    ("method", "url", "expected"),
    [
        (b"POST", T + b"/reports", Kind.REPORTING),
        (b"POST", T + b"/holds", Kind.DIRECTING),
        (b"POST", T + b"/holds/0192/arrival", Kind.DIRECTING),
        (b"GET", T + b"/holds?site=a", Kind.DIRECTING),
        (b"GET", T + b"/availability?women=1", Kind.DIRECTING),
        (b"POST", T + b"/requests", Kind.DIRECTING),
        (b"PUT", T + b"/pools/a.b/contingents", Kind.DIRECTING),
        (b"PUT", T + b"/sites/a", Kind.DIRECTING),
        (b"GET", T + b"/board", Kind.BOARD),
        (b"GET", T + b"/board?since=1&epoch=a", Kind.BOARD),
        (b"GET", T + b"/sites", Kind.BOARD),
        (b"GET", b"/v1/territories", Kind.BOARD),
        (b"GET", b"/v1/session", Kind.BOARD),
        (b"GET", b"/maraude", Kind.BOARD),
        (b"GET", b"/assets/halte-1.js", Kind.BOARD),
        (b"GET", T + b"/pools/a.b/history", Kind.LOOKING_BACK),
        (b"GET", T + b"/pools/a.b/explanation", Kind.LOOKING_BACK),
        (b"GET", T + b"/ledger?after=0", Kind.LOOKING_BACK),
        (b"GET", T + b"/audit", Kind.LOOKING_BACK),
        (b"GET", b"/", Kind.LOOKING_BACK),
        (b"GET", b"/docs", Kind.LOOKING_BACK),
        (b"POST", b"/v1/session", Kind.PASSWORD),
        (b"GET", b"/metrics", None),
        (b"GET", b"/healthz?a=b", None),
        (b"GET", b"/readyz", None),
        (b"GET", b"*", Kind.BOARD),
        (b"POST", b"/v1/", Kind.DIRECTING),
    ],
)
def test_who_is_known_asks_for_this(method, url, expected):
    assert kind(method, url) is expected


@pytest.mark.parametrize("what", [b"/reports", b"/holds", b"/availability", b"/board", b"/ledger"])
def test_nobody_that_we_know_waits_first_whatever_is_asked(what):
    for method in (b"GET", b"POST"):
        assert kind(method, T + what, is_known=False) is Kind.LOOKING_BACK


@pytest.mark.parametrize(
    "url", [b"/v1/session", b"/v1/session/link", b"/v1/oidc/proconnect/start", b"/v1/devices/token"]
)
def test_who_is_about_to_sign_in_is_not_known_yet(url):
    assert kind(b"GET", url, is_known=False) is Kind.SIGNING_IN


def test_a_board_by_who_has_one_and_a_feed_are_kinds_of_their_own():
    assert kind(b"GET", T + b"/board", has_board=True) is Kind.RECHECKING
    assert kind(b"GET", T + b"/ledger", has_board=True) is Kind.LOOKING_BACK
    for is_known in (True, False):
        assert kind(b"GET", T + b"/feed", is_upgrade=True, is_known=is_known) is Kind.JOINING


async def test_every_address_of_the_application_has_a_kind_but_those_that_watch_us(world):
    never = set()
    async with app_on(world) as app:
        for route in app.routes:
            if isinstance(route, Route | WebSocketRoute):
                methods = getattr(route, "methods", None) or {"GET"}
                never |= {route.path for method in methods if kind(method.encode(), route.path.encode()) is None}
    assert never == {"/healthz", "/readyz", "/metrics"}
