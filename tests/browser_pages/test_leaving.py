"""Whoever leaves a device takes what it showed along; what it has promised to send stays, and goes later."""

import pytest
from playwright.sync_api import BrowserContext, expect

from capacity.board.access import Grant
from capacity.processes.engines.postgres import Postgres
from capacity.processes.up import DATABASE
from capacity.vocabulary.roles import Role
from tests.browser_pages.conftest import Screens
from tests.browser_pages.halte import Halte
from tests.browser_pages.test_tablet import expect_outbox, unanswered
from tests.tokens import made_outside, token_of

pytestmark = [pytest.mark.browser, pytest.mark.journey]


def come_in(device: BrowserContext, halte: Halte) -> None:
    """As staff, by a credential of this test's own: it is to end."""
    url = Postgres(halte.service.data).url(DATABASE)
    grants = {halte.territory: Grant(Role.STAFF, frozenset({"halte"}))}
    token = made_outside(lambda: token_of(url, grants))
    device.add_cookies([{"name": "capacity", "value": token, "domain": "127.0.0.1", "path": "/"}])


def test_what_a_tablet_showed_goes_and_what_it_has_not_sent_stays(screens: Screens, halte: Halte) -> None:
    device = screens.device(signed_in=False)
    come_in(device, halte)
    unanswered(device)
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    tablet.get_by_role("button", name="+1 arrivée").click()
    expect_outbox(tablet, "en attente", "1")
    account = device.new_page()
    account.goto(f"{halte.service.url}/connexion")
    expect(account.get_by_text("Un geste attend d’être envoyé")).to_be_visible()
    account.get_by_role("button", name="Délier cet appareil").or_(
        account.get_by_role("button", name="Se déconnecter")
    ).first.click()
    expect(account.get_by_role("button", name="Se déconnecter")).to_have_count(0)
    # The tablet's page is still open behind it, and would keep its picture once more when it goes.
    expect(tablet.locator("[data-door]")).to_be_visible(timeout=20_000)
    tablet.close()
    kept: list[str] = account.evaluate("Object.keys(localStorage)")
    assert [key for key in kept if key != "capacity.left"] == []
    come_in(device, halte)
    device.unroute_all()
    again = device.new_page()
    again.goto(halte.tablet)
    expect_outbox(again, "envoyé", "1")
    assert halte.row()["occupied"] == 37, "the promise was kept"
