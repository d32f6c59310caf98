"""Every role's main act in taps, as `docs/taps.md` says: real clicks and keys, counted by the page that got them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser_pages.conftest import DESK, PHONE, TABLET, Screens
from tests.browser_pages.halte import Halte
from tests.browser_pages.test_phone_holds import card
from tests.browser_pages.test_tablet import expect_outbox, occupied

pytestmark = [pytest.mark.browser, pytest.mark.journey]

COUNTED = """
globalThis.taps = 0; globalThis.keys = 0;
addEventListener("pointerdown", (event) => { if (event.isTrusted) taps += 1; }, { capture: true });
addEventListener("keydown", (event) => { if (event.isTrusted) keys += 1; }, { capture: true });
"""


def opened(device: BrowserContext, url: str) -> Page:
    device.add_init_script(COUNTED)
    page = device.new_page()
    page.goto(url)
    return page


@contextmanager
def takes(page: Page, taps: int, keys: int = 0) -> Iterator[None]:
    """What is done inside takes exactly so many of each."""
    before = page.evaluate("[taps, keys]")
    yield
    after = page.evaluate("[taps, keys]")
    assert [after[0] - before[0], after[1] - before[1]] == [taps, keys]


@pytest.fixture
def tablet(screens: Screens, halte: Halte) -> Page:
    page = opened(screens.device(TABLET, has_touch=True), halte.tablet)
    expect(occupied(page)).to_contain_text("36 sur 39")
    return page


def tap(page: Page, *names: str) -> None:
    for name in names:
        begins = re.compile(f"^{re.escape(name)}{'$' if name.isdigit() else ''}")
        page.get_by_role("button", name=begins).first.tap()


def test_an_arrival_takes_one_tap_and_its_undo_one(tablet: Page, halte: Halte) -> None:
    with takes(tablet, taps=1):
        tap(tablet, "+1 arrivée")
        expect(occupied(tablet)).to_contain_text("37 sur 39")
    with takes(tablet, taps=1):
        tap(tablet, "Annuler")
        expect(occupied(tablet)).to_contain_text("36 sur 39")


def test_a_departure_takes_one_tap(tablet: Page) -> None:
    with takes(tablet, taps=1):
        tap(tablet, "−1 départ")
        expect(occupied(tablet)).to_contain_text("35 sur 39")


def test_a_confirmation_takes_one_tap(tablet: Page) -> None:
    with takes(tablet, taps=1):
        tap(tablet, "Rien n’a changé")
        expect_outbox(tablet, "envoyé", "1")


def test_a_count_takes_four_taps(tablet: Page) -> None:
    with takes(tablet, taps=4):
        tap(tablet, "Compter", "2", "8", "Enregistrer")
        expect(occupied(tablet)).to_contain_text("28 sur 39")


def test_who_is_expected_has_arrived_in_one_tap(screens: Screens, halte: Halte) -> None:
    hold = halte.hold(2)
    device = screens.device(TABLET, has_touch=True)
    device.clock.install()
    tablet = opened(device, halte.tablet)
    expect(tablet.get_by_text(hold["code"])).to_be_visible()
    with takes(tablet, taps=1):
        tap(tablet, "Arrivés")
        expect(tablet.get_by_role("button", name="Ce n’est pas ça")).to_be_visible()
        tablet.clock.fast_forward(6_000)
        expect(occupied(tablet)).to_contain_text("38 sur 39")


@pytest.mark.parametrize(
    ("taps", "names", "status"),
    [
        (2, ("État", "plus d’arrivées"), "draining"),
        (3, ("État", "suspendu", "Suspendre"), "suspended"),
        (2, ("État", "fermé"), "closed"),
    ],
)
def test_a_state_takes_two_or_three_taps(
    tablet: Page, halte: Halte, taps: int, names: tuple[str, ...], status: str
) -> None:
    with takes(tablet, taps=taps):
        tap(tablet, *names)
        expect_outbox(tablet, "envoyé", "1")
    assert halte.row()["status"] == status


def test_places_of_the_cold_plan_and_out_of_service_take_as_many_as_a_count(tablet: Page, halte: Halte) -> None:
    with takes(tablet, taps=4):
        tap(tablet, "Plan grand froid", "1", "0", "Enregistrer")
        expect_outbox(tablet, "envoyé", "1")
    with takes(tablet, taps=3):
        tap(tablet, "Hors service", "2", "Enregistrer")
        expect_outbox(tablet, "envoyé", "2")
    row = halte.row()
    assert (row["extra"], row["out_of_service"]) == (10, 2)


def test_a_maraude_holds_a_place_in_two_taps(screens: Screens, halte: Halte) -> None:
    phone = opened(screens.device(PHONE, has_touch=True), halte.url("/maraude"))
    with takes(phone, taps=2):
        phone.get_by_role("button", name="femme : un de plus").tap()
        phone.get_by_role("button", name=re.compile("Tenir")).first.tap()
        expect(card(phone)).to_contain_text("À dire à la porte")
    assert halte.row()["held"] == 1


def test_an_operator_holds_a_place_with_the_callers_words_and_one_key(screens: Screens, halte: Halte) -> None:
    desk = opened(screens.device(DESK), halte.url("/regulation"))
    expect(desk.get_by_label("Qui cherche une place ?")).to_be_focused()
    with takes(desk, taps=0, keys=len("1f") + 1):
        desk.keyboard.type("1f")
        expect(desk.locator("[data-area=options]")).to_have_attribute("aria-busy", "false")
        expect(desk.locator("[data-area=options] li").first).to_be_visible()
        desk.keyboard.press("Enter")
        expect(desk.locator("[data-area=granted]")).to_contain_text("À dire à la porte")
    assert halte.row()["held"] == 1
