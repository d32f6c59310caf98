"""On a tablet nothing that comes by itself moves a button that somebody is about to touch."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser_pages.conftest import TABLET, Screens
from tests.browser_pages.halte import FAMILIES, WOMEN, Halte
from tests.browser_pages.test_reminders import PARIS, asked

pytestmark = [pytest.mark.browser, pytest.mark.journey]

LYING = (1180, 820)
PHONE_OF_STAFF = (360, 740)
BUTTONS = "[...document.querySelectorAll('.moves button')].map((one) => one.getBoundingClientRect().toJSON())"


def buttons(tablet: Page) -> list[dict[str, float]]:
    found: list[dict[str, float]] = tablet.evaluate(BUTTONS)
    return found


@pytest.mark.parametrize("size", [TABLET, LYING, PHONE_OF_STAFF])
def test_neither_an_arrival_nor_a_reminder_nor_a_lost_network_moves_the_taps(
    screens: Screens, halte: Halte, size: tuple[int, int]
) -> None:
    soon = datetime.now(PARIS) + timedelta(hours=1)
    halte.register(WOMEN, FAMILIES, reminder_hours=[soon.strftime("%H:%M")])
    halte.tell(type="count", pool="halte.families", occupied=4)
    device = screens.device(size)
    tablet = device.new_page()
    tablet.clock.install()
    tablet.goto(halte.tablet)
    expect(tablet.locator("html[data-kept]")).to_be_attached(timeout=30_000)
    before = buttons(tablet)
    assert len(before) == 4
    hold = halte.hold(2)
    expect(tablet.get_by_text(hold["code"])).to_be_visible()
    assert buttons(tablet) == before, "an arrival"
    tablet.clock.set_system_time(soon + timedelta(minutes=1))
    expect(asked(tablet)).to_be_visible()
    assert buttons(tablet) == before, "a reminder"
    asked(tablet).get_by_role("button", name="Plus tard").click()
    halte.end(hold["id"], "release", reason="cancelled")
    expect(tablet.get_by_text(hold["code"])).to_have_count(0)
    tablet.evaluate("scrollTo(0, 0)")
    assert buttons(tablet) == before, "nobody is expected any more"
    if size == PHONE_OF_STAFF:
        return  # there the words of a lost network need a line more
    device.set_offline(True)
    expect(tablet.get_by_text("Connexion perdue :")).to_be_visible()
    assert buttons(tablet) == before, "no network"


def test_an_upright_tablet_says_above_the_pools_what_there_is_below_them(screens: Screens, halte: Halte) -> None:
    tablet = screens.open(halte.tablet)
    strip = tablet.get_by_role("button", name="personne n’est attendu")
    expect(strip).to_be_in_viewport()
    hold = halte.hold(2)
    tablet.get_by_role("button", name="1 arrivée attendue").click()
    expect(tablet.get_by_text(hold["code"])).to_be_in_viewport()


def test_a_suspended_pool_says_on_its_tablet_why_and_until_when(screens: Screens, halte: Halte) -> None:
    end = (datetime.now(UTC) + timedelta(hours=3)).replace(second=0, microsecond=0)
    tablet = screens.open(halte.tablet)
    expect(tablet.locator("article")).to_contain_text("libres")
    halte.tell(type="status", pool="halte.women", status="suspended", reason="heating", until=end.isoformat())
    hour = end.astimezone(PARIS).strftime("%H:%M")
    expect(tablet.locator("article")).to_contain_text(f"chauffage en panne, jusqu’à {hour}")
    halte.tell(type="status", pool="halte.women", status="open")
    expect(tablet.locator("article")).not_to_contain_text("chauffage")
