"""Why this number? One tap from any figure, on every screen."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser_pages.conftest import PHONE, TABLET, TV, Screens
from tests.browser_pages.halte import Halte
from tests.browser_pages.test_every_page import violations

pytestmark = [pytest.mark.browser, pytest.mark.journey]

SCREENS = {"/maraude": PHONE, "/halte/halte": TABLET, "/mur": TV}
WHY = "pourquoi ce nombre"


def lines_of(page: Page) -> list[str]:
    rows = page.get_by_role("dialog").get_by_role("row").all()
    return [" ".join(row.inner_text().split()) for row in rows]


@pytest.mark.parametrize("path", SCREENS)
def test_each_part_of_a_number_is_told_and_they_sum_to_it(screens: Screens, halte: Halte, path: str) -> None:
    halte.tell(type="inventory", pool="halte.women", out_of_service=1, reason="pests")
    halte.tell(type="movement", pool="halte.women", delta=-1)
    halte.hold()
    page = screens.open(halte.url(path), SCREENS[path])
    where = page.locator("[data-pool='halte.women']") if path == "/mur" else page  # totals stand before it there
    figure = where.get_by_role("button", name=WHY).first
    expect(figure).to_contain_text("2")
    figure.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Pourquoi ce nombre ?")
    for words in ("nuisibles", "comptage de 36 à", "puis −1 à", "1 par le 115 jusqu’à"):
        expect(dialog).to_contain_text(words)
    starts = ["39 capacité", "+ 0 exceptionnelles", "− 1 hors service", "− 35 occupées", "− 1 tenue", "= 2 libres"]
    lines = lines_of(page)
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(figure).to_be_focused()


def test_an_open_explanation_follows_the_board(screens: Screens, halte: Halte) -> None:
    tablet = screens.open(halte.tablet)
    tablet.get_by_role("button", name=WHY).first.click()
    dialog = tablet.get_by_role("dialog")
    expect(dialog).to_contain_text("comptage de 36")
    halte.tell(type="movement", pool="halte.women", delta=2)
    expect(dialog).to_contain_text("puis +2")
    expect(dialog.get_by_role("row").last).to_contain_text("1 libre")


def test_a_shut_pool_says_why_nothing_is_free(screens: Screens, halte: Halte) -> None:
    halte.tell(type="status", pool="halte.women", status="suspended", reason="heating", until="2035-01-01T07:00:00Z")
    tablet = screens.open(halte.tablet)
    tablet.get_by_role("button", name=WHY).first.click()
    last = tablet.get_by_role("dialog").get_by_role("row").last
    for words in ("0 libre : suspendu", "chauffage en panne", "jusqu’à 08:00 le 01/01", "ouvert, ce serait 3"):
        expect(last).to_contain_text(words)


def test_what_is_free_for_the_reader_is_told_apart(screens: Screens, halte: Halte) -> None:
    halte.keep("115", 2)
    phone = screens.open(halte.url("/maraude"), PHONE)
    phone.get_by_role("button", name=WHY).first.click()
    dialog = phone.get_by_role("dialog")
    expect(dialog.get_by_role("row").last).to_contain_text("libre pour vous le reste est gardé pour d’autres")
    expect(dialog).to_contain_text("Places gardées : 2 pour le 115 jusqu’à")


def test_without_a_network_the_sum_stands_and_says_what_is_missing(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    expect(tablet.get_by_role("button", name=WHY).first).to_contain_text("3")
    device.set_offline(True)
    tablet.get_by_role("button", name=WHY).first.click()
    dialog = tablet.get_by_role("dialog")
    expect(dialog).to_contain_text("Le détail (qui, quand) n’est pas arrivé")
    expect(dialog.get_by_role("row").last).to_contain_text("3 libres")
