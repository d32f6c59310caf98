"""The page of everybody in a real browser: without a script, with one, by keyboard, from right to left."""

import re
import time
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser_pages.conftest import PHONE, Screens
from tests.browser_pages.halte import Halte
from tests.browser_pages.test_every_page import violations

pytestmark = [pytest.mark.browser, pytest.mark.journey]

SHOWS_SECONDS = 20


@pytest.fixture
def halte(halte: Halte) -> Halte:
    """The site once everybody is shown it: a territory that is new is seen some seconds later."""
    until(halte, lambda told: "Presque complet" in told)
    return halte


def until(halte: Halte, is_told: Callable[[str], bool]) -> None:
    """Wait until everybody is told so."""
    deadline = time.monotonic() + SHOWS_SECONDS
    while not is_told(urllib.request.urlopen(halte.url("/"), timeout=5).read().decode()):
        assert time.monotonic() < deadline, "everybody is told something else"
        time.sleep(0.1)


def stranger(screens: Screens, url: str, **options: object) -> Page:
    return screens.open(url, PHONE, signed_in=False, **options)


def test_without_a_script_the_115_is_the_first_control_and_the_sites_are_filtered(
    screens: Screens, halte: Halte
) -> None:
    page = stranger(screens, halte.url("/"), java_script_enabled=False)
    call = page.get_by_role("link", name="Appeler le 115").first
    expect(call).to_have_attribute("href", "tel:115")
    expect(call).to_be_in_viewport()
    site = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Halte de la Place"))
    expect(site).to_contain_text("Presque complet")
    expect(site.get_by_role("link", name="Appeler 01 99 00 12 34")).to_have_attribute("href", "tel:0199001234")
    page.get_by_role("link", name="Manger", exact=True).click()
    expect(page.get_by_text("Aucun lieu connu pour cette recherche")).to_be_visible()
    page.get_by_role("link", name="Tout montrer").click()
    expect(site).to_be_visible()
    page.get_by_role("link", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("heading", name="Halte de la Place")).to_be_visible()
    page.get_by_role("contentinfo").locator("a[href^='/ecrans']").click()
    expect(page).to_have_url(re.compile(r"/ecrans\?territory="))


def test_an_open_page_follows_the_board_until_it_is_told_to_stop(screens: Screens, halte: Halte) -> None:
    context = screens.device(PHONE, signed_in=False)
    page = context.new_page()
    page.clock.install()
    page.goto(halte.url("/"))
    expect(page.get_by_text("Presque complet")).to_be_visible()
    halte.tell(type="count", pool="halte.women", occupied=39)
    expect_after_a_minute(page, "Complet")
    button = page.get_by_role("button", name="Ne plus actualiser")
    button.click()
    halte.tell(type="count", pool="halte.women", occupied=1)
    page.clock.fast_forward(120_000)
    expect(page.get_by_text("Complet", exact=True)).to_be_visible()
    page.get_by_role("button", name="Actualiser de nouveau").click()
    expect_after_a_minute(page, "Il reste des places")


def expect_after_a_minute(page: Page, words: str) -> None:
    """Let the page's own minutes pass until it says so: a page is made anew some seconds after the board moved."""
    for _ in range(20):
        page.clock.fast_forward(60_000)
        try:
            expect(page.get_by_text(words, exact=True)).to_be_visible(timeout=1_000)
        except AssertionError:
            continue
        return
    raise AssertionError(words)


def test_a_page_that_lost_its_network_says_of_when_it_is(screens: Screens, halte: Halte) -> None:
    page = stranger(screens, halte.url("/"))
    expect(page.get_by_text("Presque complet")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"Pas de connexion.* \d\d:\d\d"))
    expect(page.get_by_text("Presque complet")).to_be_visible()
    assert violations(page) == []


def test_somebody_on_a_link_keeps_it_while_the_list_is_renewed(screens: Screens, halte: Halte) -> None:
    context = screens.device(PHONE, signed_in=False)
    page = context.new_page()
    page.clock.install()
    page.goto(halte.url("/"))
    phone = page.get_by_role("link", name="Appeler 01 99 00 12 34")
    phone.focus()
    with page.expect_response(re.compile(r"territory=")):
        page.clock.fast_forward(60_000)
    expect(phone).to_be_focused()


def test_the_keyboard_goes_past_the_languages_to_the_places(screens: Screens, halte: Halte) -> None:
    page = stranger(screens, halte.url("/"))
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller aux lieux ouverts")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["height"] > 10  # type: ignore[index]
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#places"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("region", name=re.compile("Lieux ouverts")).locator(":focus")).to_have_count(1)


@pytest.mark.parametrize("options", [{"forced_colors": "active"}, {"color_scheme": "dark"}])
def test_a_chosen_filter_shows_in_other_colours_too(screens: Screens, halte: Halte, options: dict[str, object]) -> None:
    page = stranger(screens, halte.url("/") + "&need=sleep", **options)
    chosen = page.locator(".chips a[aria-current]").first
    other = page.locator(".chips a:not([aria-current])").first
    looks = "one => [getComputedStyle(one)].map(style => style.backgroundColor + style.outlineStyle).join()"
    assert chosen.evaluate(looks) != other.evaluate(looks)
    assert violations(page) == []


def test_a_territory_closed_to_the_public_shows_the_115_and_the_way_for_teams(screens: Screens, halte: Halte) -> None:
    halte.service.send("PUT", f"/v1/territories/{halte.territory}/publicity", {"is_public": False})
    until(halte, lambda told: "ne sont pas montrées" in told)
    page = stranger(screens, halte.url("/"))
    expect(page.get_by_role("link", name="Appeler le 115")).to_be_visible()
    expect(page.get_by_text("Halte de la Place")).to_have_count(0)
    expect(page.get_by_role("link", name="Équipes : se connecter").last).to_be_visible()
