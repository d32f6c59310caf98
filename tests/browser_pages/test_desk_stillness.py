"""The desk keeps still under a hand, hides nothing in silence, and tells changes in batches."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser_pages.conftest import DESK, Screens
from tests.browser_pages.halte import WOMEN, Halte
from tests.browser_pages.test_every_page import violations
from tests.browser_pages.test_regulation import Desk, at_desk, hold, number, open_a_refuge, release

pytestmark = [pytest.mark.browser, pytest.mark.journey]


@pytest.fixture
def desk(screens: Screens, halte: Halte) -> Desk:
    return at_desk(screens.device(DESK), halte)


def box(row: Locator) -> tuple[float, float]:
    found = row.bounding_box()
    assert found is not None
    return (found["x"], found["y"])


def named(desk: Desk, name: str) -> Locator:
    return desk.options.filter(has_text=name)


def announced(desk: Desk) -> None:
    """Keep every sentence that the list of options announces from now on."""
    desk.page.evaluate(
        """() => {
          globalThis.sentences = [];
          const said = document.querySelector("[data-changes]");
          const keep = () => { sentences.push(said.textContent); document.body.dataset.said = sentences.length; };
          new MutationObserver(() => { if (said.textContent !== "") keep(); })
            .observe(said, { childList: true, characterData: true, subtree: true });
        }"""
    )


def test_the_row_under_the_pointer_stays_while_reports_come(desk: Desk, halte: Halte) -> None:
    open_a_refuge(halte)
    desk.search("1f")
    expect(desk.options).to_have_count(2)
    row = named(desk, "Halte de la Place")
    row.locator("h3").hover()
    before = box(row), box(named(desk, "Refuge du Pont"))
    # The other order would be better now: the halte is full but for one, the refuge has the freshest number.
    for occupied in (1, 2, 3):
        halte.tell(type="count", pool="refuge.women", occupied=occupied)
        halte.tell(type="count", pool="halte.women", occupied=35 + occupied)
    expect(number(row)).to_have_text("1")
    halte.tell(type="status", pool="halte.women", status="draining")
    ready = desk.page.get_by_role("button", name="Nouvel ordre prêt")
    expect(ready).to_be_visible(timeout=15_000)
    assert (box(row), box(named(desk, "Refuge du Pont"))) == before
    desk.press("F9")
    expect(desk.options.first).to_contain_text("Refuge du Pont")
    expect(ready).to_have_count(0)


def test_the_row_with_the_focus_stays_while_reports_come(desk: Desk, halte: Halte) -> None:
    open_a_refuge(halte)
    desk.search("1f")
    expect(desk.options).to_have_count(2)
    desk.press("ArrowDown", "ArrowDown")
    row = desk.options.nth(1)
    expect(row.locator(".hold")).to_be_focused()
    before = box(row)
    for occupied in (5, 6, 7):
        halte.tell(type="count", pool="refuge.women", occupied=occupied)
    expect(number(named(desk, "Refuge du Pont"))).to_have_text("2")
    expect(row.locator(".hold")).to_be_focused()
    assert box(row) == before


def test_changes_are_said_in_batches(desk: Desk, halte: Halte) -> None:
    open_a_refuge(halte)
    desk.search("1f")
    expect(desk.options).to_have_count(2)
    announced(desk)
    for occupied in (30, 31, 32):
        halte.tell(type="count", pool="halte.women", occupied=occupied)
        halte.tell(type="count", pool="refuge.women", occupied=occupied - 26)
    expect(desk.page.locator("body")).to_have_attribute("data-said", "1", timeout=10_000)
    [sentence] = desk.page.evaluate("sentences")
    assert "Halte de la Place, femmes seules : 7 libres pour vous" in sentence
    assert "Refuge du Pont, femmes seules : 3 libres pour vous" in sentence
    halte.tell(type="count", pool="refuge.women", occupied=9)
    expect(desk.page.locator("body")).to_have_attribute("data-said", "2", timeout=10_000)
    assert desk.page.evaluate("sentences.at(-1)").startswith("Refuge du Pont, femmes seules : 0 libre")


def test_what_the_filter_hides_is_counted_and_one_key_shows_it(desk: Desk, halte: Halte) -> None:
    halte.register(WOMEN, WOMEN | {"id": "halte.pets", "traits": ["pets"], "capacity": 4})
    halte.tell(type="count", pool="halte.pets", occupied=1)
    open_a_refuge(halte)
    desk.search("1f")
    expect(desk.page.get_by_text("Aucun filtre")).to_be_visible()
    desk.page.keyboard.type(" a")
    expect(desk.page.get_by_text("2 masquées par le filtre (animaux)")).to_be_visible()
    expect(desk.options).to_have_count(1)
    assert violations(desk.page) == []
    desk.press("F6")
    expect(desk.options).to_have_count(3)
    expect(desk.page.get_by_text("Filtre levé : animaux à demander à la structure")).to_be_visible()
    expect(desk.line).to_have_value("1f a")
    desk.press("F6")
    expect(desk.options).to_have_count(1)
    expect(desk.page.get_by_text("2 masquées par le filtre (animaux)")).to_be_visible()


def test_a_filter_that_hides_everything_says_so(desk: Desk) -> None:
    desk.page.keyboard.type("1f pmr")
    expect(desk.page.get_by_text("1 masquée par le filtre (PMR)")).to_be_visible()
    desk.press("F6")
    expect(desk.options).to_have_count(1)


def test_options_beyond_the_first_twenty_are_counted_and_one_key_shows_them(desk: Desk, halte: Halte) -> None:
    pools = [WOMEN | {"id": f"halte.women-{number}"} for number in range(23)]
    halte.register(*pools)
    for pool in pools:
        halte.tell(type="count", pool=pool["id"], occupied=30)
    desk.search("1f")
    expect(desk.options).to_have_count(20)
    expect(desk.page.get_by_text("3 de plus, moins bien classées")).to_be_visible()
    desk.press("F7")
    expect(desk.options).to_have_count(23)


def test_a_held_row_under_the_pointer_stays_when_others_come_and_go(desk: Desk, halte: Halte) -> None:
    first = hold(halte, minutes=20)
    second = hold(halte, minutes=60)
    expect(desk.held).to_have_count(2)
    row = desk.held.filter(has_text=second["code"])
    row.get_by_role("button").hover()
    before = box(row)
    release(halte, first, "cancelled")
    expect(desk.held.filter(has_text=first["code"])).to_contain_text("terminée")
    third = hold(halte, minutes=10)
    expect(desk.held.filter(has_text=third["code"])).to_be_visible()
    expect(desk.page.locator("[data-area=holds]").get_by_text("nouvel ordre prêt")).to_be_visible()
    assert box(row) == before
    desk.line.hover()
    expect(desk.held).to_have_count(2)
    expect(desk.held.first).to_contain_text(third["code"])
    expect(desk.page.locator("[data-area=holds]").get_by_text("nouvel ordre prêt")).to_have_count(0)


def test_every_figure_of_the_list_opens_its_why(desk: Desk, halte: Halte) -> None:
    open_a_refuge(halte)
    desk.search("1f")
    expect(desk.options).to_have_count(2)
    for option in desk.options.all():
        for figure in option.get_by_role("button", name=re.compile("pourquoi ce nombre")).all():
            figure.click()
            expect(desk.page.get_by_role("dialog")).to_contain_text("capacité")
            desk.press("Escape")
            expect(desk.page.get_by_role("dialog")).to_have_count(0)
