"""Who is expected at a halte: the code at the door, one tap, and nothing that happened there is lost."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser_pages.conftest import DESK, PHONE, TABLET, TV, Screens
from tests.browser_pages.halte import Halte
from tests.browser_pages.test_every_page import violations

pytestmark = [pytest.mark.browser, pytest.mark.journey]

PARTY = {"women": 1, "men": 0, "children": 1}


def opened(device: BrowserContext, halte: Halte) -> Page:
    device.clock.install()
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    return tablet


def expected(tablet: Page) -> Locator:
    return tablet.get_by_role("region", name=re.compile("arrivées? attendue", re.IGNORECASE)).get_by_role("listitem")


def let_the_undo_pass(tablet: Page) -> None:
    expect(expected(tablet).get_by_role("button", name="Ce n’est pas ça")).to_be_visible()
    tablet.clock.fast_forward(6_000)


def test_who_is_expected_appears_with_code_and_party_and_counts_with_one_tap(screens: Screens, halte: Halte) -> None:
    tablet = opened(screens.device(), halte)
    expect(tablet.get_by_role("heading", name="Aucune arrivée attendue")).to_be_visible()
    hold = halte.hold(2, party=PARTY)
    for words in (hold["code"], "1 femme, 1 enfant", "2 places, femmes seules", "par le 115"):
        expect(expected(tablet)).to_contain_text(words)
    expected(tablet).get_by_role("button", name="Arrivés").click()
    let_the_undo_pass(tablet)
    expect(expected(tablet)).to_contain_text("✓ noté")
    expect(tablet.get_by_role("heading", name="Aucune arrivée attendue")).to_be_visible()
    row = halte.row()
    assert (row["occupied"], row["held"]) == (38, 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [TABLET, DESK, PHONE])
def test_axe_finds_nothing_in_the_list(screens: Screens, halte: Halte, scheme: str, size: tuple[int, int]) -> None:
    for _ in range(2):
        halte.hold(party=PARTY)
    tablet = screens.open(halte.tablet, size, color_scheme=scheme)
    expect(expected(tablet)).to_have_count(2)
    expected(tablet).first.get_by_role("button", name="Pas venus").click()
    assert violations(tablet) == []
    assert tablet.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_a_wrong_tap_is_taken_back_before_it_goes(screens: Screens, halte: Halte) -> None:
    hold = halte.hold()
    tablet = opened(screens.device(), halte)
    expected(tablet).get_by_role("button", name="Pas venus").click()
    expected(tablet).get_by_role("button", name="Ce n’est pas ça").click()
    expect(expected(tablet).get_by_role("button", name="Arrivés")).to_be_visible()  # taken back, also on the shelf
    tablet.clock.fast_forward(6_000)
    expect(expected(tablet).get_by_role("button", name="Arrivés")).to_be_visible()
    assert halte.told(hold["id"])["state"] == "active"


def test_nobody_came(screens: Screens, halte: Halte) -> None:
    hold = halte.hold()
    tablet = opened(screens.device(), halte)
    expected(tablet).get_by_role("button", name="Pas venus").click()
    let_the_undo_pass(tablet)
    expect(expected(tablet)).to_contain_text("✓ noté")
    assert halte.told(hold["id"])["reason"] == "no_show"


def test_fewer_than_expected_came(screens: Screens, halte: Halte) -> None:
    halte.hold(3)
    tablet = opened(screens.device(), halte)
    expected(tablet).get_by_role("button", name="Moins nombreux").click()
    tablet.get_by_role("dialog").get_by_role("button", name="retirer 1").click()
    tablet.get_by_role("dialog").get_by_role("button", name="Arrivés").click()
    let_the_undo_pass(tablet)
    expect(expected(tablet)).to_contain_text("✓ noté")
    row = halte.row()
    assert (row["occupied"], row["held"]) == (38, 0)


def test_an_arrival_without_a_network_waits_and_is_sent_once(screens: Screens, halte: Halte) -> None:
    hold = halte.hold()
    device = screens.device()
    tablet = opened(device, halte)
    expect(expected(tablet)).to_contain_text(hold["code"])
    device.set_offline(True)
    expected(tablet).get_by_role("button", name="Arrivés").click()
    let_the_undo_pass(tablet)
    expect(expected(tablet)).to_contain_text("à envoyer, pas de réseau")
    waiting = tablet.get_by_label("Envois de cette tablette").get_by_role("listitem").filter(has_text="en attente")
    expect(waiting.locator("strong")).to_have_text("1")
    device.set_offline(False)
    tablet.clock.fast_forward(10_000)
    expect(expected(tablet)).to_contain_text("✓ noté")
    expect(waiting.locator("strong")).to_have_text("0")
    assert halte.row()["occupied"] == 37


def test_who_came_after_the_end_can_be_counted_and_the_word_is_kept(screens: Screens, halte: Halte) -> None:
    hold = halte.hold(2)
    device = screens.device()
    tablet = opened(device, halte)
    expect(expected(tablet)).to_contain_text(hold["code"])
    device.set_offline(True)
    expected(tablet).get_by_role("button", name="Arrivés").click()
    let_the_undo_pass(tablet)
    halte.end(hold["id"], "release", reason="cancelled")
    device.set_offline(False)
    tablet.clock.fast_forward(10_000)
    expect(expected(tablet)).to_contain_text("Votre parole est gardée : arrivés")
    assert violations(tablet) == []
    assert halte.told(hold["id"])["disputed"]
    assert halte.row()["occupied"] == 36
    expected(tablet).get_by_role("button", name="Compter +2").click()
    expect(tablet.locator("dd").first).to_contain_text("38 sur 39")
    expect(tablet.get_by_role("heading", name="Aucune arrivée attendue")).to_be_visible()


def test_a_released_hold_leaves_the_list_by_itself(screens: Screens, halte: Halte) -> None:
    tablet = screens.open(halte.tablet)
    nobody = tablet.get_by_role("heading", name="Aucune arrivée attendue")
    expect(nobody).to_be_visible()
    # Twice, so that no list which the page asks for at its opening can be the one that shows it.
    for _ in range(2):
        hold = halte.hold()
        expect(expected(tablet)).to_contain_text(hold["code"])
        halte.end(hold["id"], "release", reason="cancelled")
        expect(nobody).to_be_visible()


def test_a_long_list_opens_with_one_tap(screens: Screens, halte: Halte) -> None:
    halte.tell(type="count", pool="halte.women", occupied=20)
    for _ in range(6):
        halte.hold()
    tablet = screens.open(halte.tablet)
    expect(expected(tablet)).to_have_count(4)
    tablet.get_by_role("button", name="Montrer les 2 autres codes").click()
    expect(expected(tablet)).to_have_count(6)


def test_what_is_kept_for_others_is_not_free_for_the_site(screens: Screens, halte: Halte) -> None:
    halte.keep("maraude", 2)
    tablet = screens.open(halte.tablet)
    expect(tablet.locator(".free")).to_contain_text("3 libres")
    expect(tablet.locator(".free")).to_contain_text("1 pour vous")


def test_the_wall_tells_how_many_are_held_and_never_for_whom(screens: Screens, halte: Halte) -> None:
    hold = halte.hold(2, party=PARTY)
    wall = screens.open(halte.url("/mur"), TV)
    expect(wall.locator(".strip")).to_contain_text(re.compile(r"2 .*Halte de la Place|Halte de la Place.*2 "))
    assert hold["code"] not in wall.content()
    phone = screens.open(halte.url("/maraude"), PHONE)
    expect(phone.get_by_role("heading", name="Halte de la Place")).to_be_visible()
    assert hold["code"] not in phone.content()
