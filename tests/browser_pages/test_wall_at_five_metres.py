"""The wall as who stands five metres away sees it: large, still, and without what passers-by may not see."""

import re
import time
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser_pages.conftest import DESK, PHONE, TV, Screens
from tests.browser_pages.halte import FAMILIES, WOMEN, Halte
from tests.browser_pages.test_every_page import violations
from tests.whole_service import RunningUp

pytestmark = [pytest.mark.browser, pytest.mark.journey]

MM_A_PIXEL = 0.496
"""Of a 43-inch screen of 1920 × 1080."""
CAPITALS_MM = 25.0
SECOND_MM = 23.3
"""Sixteen minutes of arc at five metres: nothing is smaller."""
SECOND = {
    "h1 span": "the territory's name: the same all night",
    ".who span": "the unit of a line, beside the audience and the figure",
    ".totals p span": "the unit of a total, beside the figure",
    "[data-tile] .name": "an arrondissement's number, which its place on the map says too",
    ".page": "which page of how many",
}
"""What may be smaller than the rest, and why."""

#: The height of a capital in every text that an eye can see, in pixels of the screen, with the text and its element.
MEASURE = """second => {
  const context = document.createElement("canvas").getContext("2d");
  const found = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    if (text === "" || element.closest(".unseen") !== null) continue;
    const style = getComputedStyle(element);
    context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const { actualBoundingBoxAscent } = context.measureText("H");
    const isSecond = second.some((selector) => element.closest(selector) !== null && !element.matches("strong"));
    found.push({ text, height: actualBoundingBoxAscent, isSecond });
  }
  return found;
}"""

#: Texts that are cut off, or stick out of what holds them or of the screen.
CUT = """() => [...document.querySelectorAll("main .number, main .age, main .where, main .data, main .clock,"
  + " main .page, main .totals li, main .totals p, main [data-tile], main .strip strong, main .band")]
  .filter((one) => {
    const box = one.getBoundingClientRect();
    return one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline"
      || box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1 || box.top < -1;
  }).map((one) => `${one.className || one.tagName}: ${one.textContent}`)"""


def kiosk(screens: Screens, service: RunningUp, more: str = "") -> Page:
    wall = screens.open(f"{service.url}/mur?territory=75&kiosk=1{more}", TV)
    expect(wall.locator("li[data-pool]").first).to_be_visible()
    return wall


@pytest.mark.parametrize("more", ["", "&audience=women", "&audience=femmes", "&audience=men"])
def test_every_text_is_legible_at_five_metres(screens: Screens, demo_service: RunningUp, more: str) -> None:
    texts = kiosk(screens, demo_service, more).evaluate(MEASURE, list(SECOND))
    assert len(texts) > 20
    small = [
        (one["text"], round(one["height"] * MM_A_PIXEL, 1))
        for one in texts
        if one["height"] * MM_A_PIXEL < (SECOND_MM if one["isSecond"] else CAPITALS_MM)
    ]
    assert small == []


def test_the_bands_are_legible_at_five_metres(screens: Screens, halte: Halte) -> None:
    wall = screens.device(TV).new_page()
    wall.clock.install()
    wall.goto(f"{halte.url('/mur')}&kiosk=1")
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible()
    wall.clock.fast_forward(3_000)
    wall.context.set_offline(True)
    for after_ms, said in ((0, "Connexion perdue"), (31_000, "DONNÉES FIGÉES depuis")):
        wall.clock.fast_forward(after_ms)
        band = wall.locator(".band")
        expect(band).to_contain_text(said)
        texts = wall.evaluate(MEASURE, list(SECOND))
        assert min(one["height"] for one in texts if not one["isSecond"]) * MM_A_PIXEL >= CAPITALS_MM
        assert wall.evaluate(CUT) == []


@pytest.mark.parametrize("more", ["", "&audience=families", "&audience=men"])
def test_no_figure_is_cut_and_nothing_scrolls(screens: Screens, demo_service: RunningUp, more: str) -> None:
    wall = kiosk(screens, demo_service, more)
    assert wall.evaluate(CUT) == []
    assert wall.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == list(TV)
    assert not wall.evaluate("getComputedStyle(document.querySelector('main')).overflow.includes('scroll')")


def test_the_map_lays_the_arrondissements_where_they_are(screens: Screens, demo_service: RunningUp) -> None:
    wall = kiosk(screens, demo_service)
    expect(wall.locator("[data-tile]")).to_have_count(20)
    boxes = {n: wall.locator(f"[data-tile='{n}']").bounding_box() for n in range(1, 21)}
    assert all(boxes.values())

    def is_west(one: int, other: int) -> bool:
        return boxes[one]["x"] < boxes[other]["x"]

    def is_north(one: int, other: int) -> bool:
        return boxes[one]["y"] < boxes[other]["y"]

    assert all(is_west(one, other) for one, other in ((16, 8), (7, 6), (15, 14), (14, 13), (1, 2), (3, 11), (17, 18)))
    assert all(is_north(one, other) for one, other in ((18, 9), (19, 20), (20, 12), (1, 6), (5, 13), (16, 15), (4, 13)))


def test_a_tile_says_its_free_places_and_doubt_by_a_sign(screens: Screens, halte: Halte) -> None:
    halte.register(WOMEN, FAMILIES)
    wall = screens.open(halte.url("/mur"), TV)
    tile = wall.locator("[data-tile='4']")
    expect(tile.locator("strong")).to_have_text("3")
    expect(tile).to_contain_text("3 places libres")
    halte.tell(type="count", pool="halte.families", occupied=2)
    expect(tile).to_contain_text("3 places libres, 4 chambres libres")
    halte.tell(type="count", pool="halte.families", occupied=6)
    halte.tell(type="count", pool="halte.women", occupied=39)
    expect(tile).to_contain_text("complet")
    expect(wall.locator("[data-tile='12']")).to_contain_text("rien d’ouvert")


def test_a_tile_with_old_figures_only_asks(screens: Screens, demo_service: RunningUp) -> None:
    halte = Halte.opened(demo_service, counted=False)
    wall = screens.open(halte.url("/mur"), TV)
    expect(wall.locator("[data-tile='4'] strong")).to_have_text("?")
    expect(wall.locator("[data-tile='4']")).to_contain_text("à confirmer par téléphone")


def test_without_arrondissements_the_lines_have_the_room(screens: Screens, halte: Halte) -> None:
    halte.register(WOMEN, address="1 place de la Halte, 59000 Lille")
    wall = screens.open(f"{halte.url('/mur')}&kiosk=1", TV)
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible()
    expect(wall.locator("[data-tile]")).to_have_count(0)
    expect(wall.locator("ol.wide")).to_be_visible()
    assert wall.evaluate(CUT) == []


def test_a_protected_site_keeps_its_name_and_its_place_from_who_passes(screens: Screens, halte: Halte) -> None:
    halte.register(WOMEN, name="Maison du Jardin", visibility="protected", address="7 rue Cachée, 75011 Paris")
    wall = screens.open(halte.url("/mur"), TV)  # as an admin, to whom the service tells everything
    line = wall.locator("[data-pool='halte.women']")
    expect(line).to_contain_text("Site protégé")
    halte.hold(1)
    halte.tell(type="movement", pool="halte.women", delta=1)
    expect(line.locator(".number strong")).to_have_text("1")
    said = wall.locator("main").inner_text()
    assert [word for word in ("Jardin", "Cachée", "11e") if word in said] == []
    expect(wall.locator("[data-tile]")).to_have_count(0)
    expect(wall.locator(".strip strong")).to_have_count(0)


def test_what_changed_is_told(screens: Screens, halte: Halte) -> None:
    wall = screens.open(halte.url("/mur"), TV)
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible()
    expect(wall.locator(".strip strong")).to_have_count(0)
    halte.tell(type="movement", pool="halte.women", delta=-2)
    strip = wall.locator(".strip")
    expect(strip).to_contain_text("+2 places femmes")
    expect(strip).to_contain_text("Halte de la Place")
    expect(strip.locator(".lead")).to_have_text(re.compile(r"^\d\d:\d\d$"))


def test_what_is_held_is_told_with_its_end_and_without_its_code(screens: Screens, halte: Halte) -> None:
    hold = halte.hold(2, party={"women": 1, "men": 0, "children": 1})
    wall = screens.open(halte.url("/mur"), TV)
    end = datetime.fromisoformat(hold["expires_at"]).astimezone(ZoneInfo("Europe/Paris"))
    expect(wall.locator(".strip")).to_contain_text(f"2 places jusqu’à {end:%H:%M}")
    assert hold["code"] not in wall.locator("body").inner_text()


def test_a_word_of_the_address_that_means_nothing_is_shown(screens: Screens, halte: Halte) -> None:
    wall = screens.open(f"{halte.url('/mur')}&kiosk=1&audience=femmes&page=never", TV)
    expect(wall.locator(".strip")).to_contain_text("audience=femmes")
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible()


def test_the_board_is_painted_at_most_once_a_second(screens: Screens, halte: Halte) -> None:
    wall = screens.open(f"{halte.url('/mur')}&kiosk=1", TV)
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible()
    wall.evaluate("""() => {
      window.paints = [];
      new MutationObserver(() => window.paints.push(performance.now()))
        .observe(document.querySelector("main > .board"), { subtree: true, childList: true, characterData: true });
    }""")
    number, until = 0, time.monotonic() + 3
    while time.monotonic() < until:
        number += 1
        halte.tell(type="count", pool="halte.women", occupied=number % 39)
    assert number > 10
    expect(wall.locator("[data-pool='halte.women'] .number strong")).to_have_text(str(39 - number % 39))
    paints = wall.evaluate("window.paints")
    gaps = [after - before for before, after in pairwise(paints)]
    assert len(paints) >= 2
    assert all(gap >= 950 for gap in gaps), gaps


def test_a_stopped_picture_stands_still_and_counts_what_waits(screens: Screens, halte: Halte) -> None:
    wall = screens.open(halte.url("/mur"), TV)
    number = wall.locator("[data-pool='halte.women'] .number strong")
    expect(number).to_have_text("3")
    wall.get_by_role("button", name="Figer l’affichage").click()
    expect(wall.get_by_text("aucun changement en attente")).to_be_visible()
    assert violations(wall) == []
    halte.tell(type="movement", pool="halte.women", delta=2)
    expect(wall.get_by_text(re.compile(r"Affichage figé à \d\d:\d\d, 1 changement en attente"))).to_be_visible()
    expect(number).to_have_text("3")
    wall.get_by_role("button", name="Reprendre").click()
    expect(number).to_have_text("1")
    expect(wall.get_by_role("button", name="Figer l’affichage")).to_be_visible()


@pytest.mark.parametrize(("path", "size"), [("/maraude", PHONE), ("/regulation", DESK)])
def test_other_screens_that_move_can_be_stopped_too(
    screens: Screens, halte: Halte, path: str, size: tuple[int, int]
) -> None:
    page = screens.open(halte.url(path), size)
    page.get_by_role("button", name="Figer l’affichage").click()
    halte.tell(type="movement", pool="halte.women", delta=2)
    expect(page.get_by_text("1 changement en attente")).to_be_visible()
    page.get_by_role("button", name="Reprendre").click()
    expect(page.get_by_text("changement en attente")).to_have_count(0)


def test_forced_colours_keep_the_shapes_apart(screens: Screens, halte: Halte) -> None:
    halte.register(WOMEN, FAMILIES | {"id": "halte.old"})
    wall = screens.device(TV, forced_colors="active").new_page()
    wall.goto(halte.url("/mur"))
    tile = wall.locator("[data-tile='4']")
    expect(tile).to_have_css("border-top-style", "solid")
    halte.tell(type="status", pool="halte.women", status="closed")
    expect(tile).to_have_css("border-top-style", "dashed")
    expect(tile.locator("strong")).to_have_text("?")
