"""The operators' screen: by the keyboard alone from a caller's words to a code at the door; no false promise."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, Request, Route, expect

from tests.browser_pages.conftest import DESK, PHONE, TABLET, Screens
from tests.browser_pages.halte import WOMEN, Halte

pytestmark = [pytest.mark.browser, pytest.mark.journey]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
OTHER = {"id": "refuge.women", "unit": "bed", "audience": "women", "capacity": 9, "fresh_for": 3600}


class Desk:
    """The screen of one operator, and what it sent."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.line = page.get_by_label("Qui cherche une place ?")
        self.options = page.locator("[data-area=options] li")
        self.granted = page.locator("[data-area=granted]")
        self.held = page.locator("[data-area=holds] li")
        self.call = page.get_by_role("region", name="Demande de cet appel")
        self.posted: list[str] = []
        page.on("request", self._keep)

    def _keep(self, request: Request) -> None:
        if request.method == "POST":
            self.posted.append(request.url.rpartition("/")[2].partition("?")[0])

    def search(self, words: str) -> Locator:
        """Types, and gives the first option once it is there and was read."""
        self.page.keyboard.type(words)
        expect(self.options.first).to_be_visible()
        expect(self.page.locator("[data-area=options]")).to_have_attribute("aria-busy", "false")
        return self.options.first

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)


def at_desk(device: BrowserContext, halte: Halte) -> Desk:
    page = device.new_page()
    desk = Desk(page)
    page.goto(halte.url("/regulation"))
    expect(page.get_by_text("données de")).to_be_visible()
    return desk


@pytest.fixture
def desk(screens: Screens, halte: Halte) -> Desk:
    return at_desk(screens.device(DESK), halte)


def number(option: Locator) -> Locator:
    """The big one: free for the 115."""
    return option.locator(".number strong")


def name_of(option: Locator) -> str:
    """The site's name, without its rank."""
    return option.locator("h3").inner_text().partition(".")[2].strip()


def hold(halte: Halte, places: int = 1, **body: Any) -> dict[str, Any]:
    """What somebody else holds meanwhile."""
    lines = [{"pool": "halte.women", "places": places}]
    asked = {"id": str(uuid.uuid4()), "lines": lines, "minutes": 30, **body}
    answer = halte.service.send("POST", f"/v1/territories/{halte.territory}/holds", asked)
    held: dict[str, Any] = answer["hold"]
    return held


def release(halte: Halte, held: dict[str, Any], reason: str) -> None:
    body = {"id": str(uuid.uuid4()), "reason": reason}
    halte.service.send("POST", f"/v1/territories/{halte.territory}/holds/{held['id']}/release", body)


def open_a_refuge(halte: Halte) -> None:
    """A second site for women, known by a report."""
    site = {
        "id": "refuge",
        "name": "Refuge du Pont",
        "kind": "shelter",
        "visibility": "public",
        "address": "2 rue du Pont, 75013 Paris",
        "pools": [OTHER],
    }
    halte.service.send("PUT", f"/v1/territories/{halte.territory}/sites/refuge", site)
    halte.tell(type="count", pool="refuge.women", occupied=4)


def night(halte: Halte) -> dict[str, Any]:
    summary: dict[str, Any] = halte.service.get(f"/v1/territories/{halte.territory}/requests")["summary"]
    return summary


def test_words_and_one_key_become_a_code_to_say_at_the_door(desk: Desk, halte: Halte) -> None:
    expect(desk.line).to_be_focused()
    option = desk.search("1f")
    for words in ("Halte de la Place", "1 place", "libres pour vous", "à l’instant", "4e"):
        expect(option).to_contain_text(words)
    expect(number(option)).to_have_text("3")
    desk.press("Enter")
    expect(desk.granted).to_be_focused()
    [held] = halte.service.get(f"/v1/territories/{halte.territory}/holds")["holds"]
    expect(desk.granted).to_contain_text(held["code"])
    expect(desk.granted).to_contain_text("1 femme")
    expect(desk.held).to_contain_text(held["code"])
    assert held["party"] == {"women": 1, "men": 0, "children": 0}
    assert held["channel"] == "115"
    assert halte.row()["held"] == 1


def test_the_line_and_the_fields_say_the_same(desk: Desk) -> None:
    page = desk.page
    page.keyboard.type("1f 2e a 18e qqch")
    expect(page.get_by_label("Femmes")).to_have_value("1")
    expect(page.get_by_label("Enfants")).to_have_value("2")
    expect(page.get_by_label("animaux")).to_be_checked()
    expect(page.get_by_label("Près du")).to_have_value("18")
    expect(page.get_by_text("« qqch » pas compris")).to_be_visible()
    page.get_by_label("Enfants").fill("0")
    page.get_by_label("animaux").uncheck()
    page.get_by_label("Près du").select_option("5")
    expect(desk.line).to_have_value("1f 0e 5e")
    expect(desk.options.first).to_contain_text("Halte de la Place")


def test_a_number_key_holds_that_rank_and_minutes_can_be_changed(desk: Desk, halte: Halte) -> None:
    open_a_refuge(halte)
    desk.search("1f")
    expect(desk.options).to_have_count(2)
    second = desk.options.nth(1)
    name = name_of(second)
    desk.press("ArrowDown", "+", "+", "2")
    expect(desk.granted).to_contain_text(name)
    expect(desk.held.get_by_role("button")).to_contain_text("1:14:")


def test_a_key_that_was_on_its_way_before_the_answer_holds_nothing(desk: Desk, halte: Halte) -> None:
    desk.search("1f")
    desk.page.keyboard.type("2f")
    desk.press("Enter")
    expect(desk.options.first).to_contain_text("3 places")
    expect(desk.page.locator("[data-area=options]")).to_have_attribute("aria-busy", "false")
    assert "holds" not in desk.posted
    assert halte.row()["held"] == 0


def test_a_refusal_says_what_remains_and_offers_the_next(desk: Desk, halte: Halte) -> None:
    open_a_refuge(halte)
    desk.search("2f")
    first = name_of(desk.options.first)
    pool = "halte.women" if first == "Halte de la Place" else "refuge.women"
    places = 2 if pool == "halte.women" else 4

    def lose_the_race(route: Route) -> None:
        if route.request.method == "POST" and not halte.row(pool)["held"]:
            hold(halte, lines=[{"pool": pool, "places": places}])
        route.continue_()

    desk.page.route(lambda url: url.endswith("/holds"), lose_the_race)
    desk.press("ArrowDown", "Enter")
    expect(desk.page.get_by_text(f"Pas tenu chez {first} : quelqu’un a été plus rapide, il y reste 1")).to_be_visible()
    expect(desk.options.nth(1).locator(".hold")).to_be_focused()
    desk.press("Enter")
    expect(desk.granted).to_contain_text("À dire à la porte")
    expect(desk.granted).not_to_contain_text(first)


def test_an_answer_that_was_lost_is_not_shown_as_held_and_holds_once(desk: Desk, halte: Halte) -> None:
    taken: list[int] = []
    desk.search("1f")

    def lose_the_first_answer(route: Route) -> None:
        if route.request.method != "POST" or len(taken) > 1:
            route.continue_()
            return
        if not taken:
            taken.append(route.fetch().status)
        route.abort()

    desk.page.route("**/holds", lose_the_first_answer)
    desk.press("Enter")
    expect(desk.page.get_by_text("En attente de réponse, pas encore tenu").first).to_be_visible()
    while not taken:  # the service has taken it, and nobody was told
        desk.page.wait_for_timeout(10)
    expect(desk.granted).to_have_count(0)
    taken.append(0)
    expect(desk.granted).to_contain_text("À dire à la porte")
    assert taken[0] == 201
    assert halte.row()["held"] == 1


def test_what_is_given_up_is_taken_back(desk: Desk, halte: Halte) -> None:
    desk.search("1f")

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    desk.page.route("**/holds", lose)
    desk.press("Enter")
    expect(desk.page.get_by_role("button", name="Abandonner")).to_be_visible()
    desk.press("Escape")
    expect(desk.page.get_by_role("button", name="Abandonner")).to_have_count(0)
    expect(desk.granted).to_have_count(0)
    expect(number(desk.options.first)).to_have_text("3")
    expect(desk.page.get_by_text("Aucune place tenue en ce moment")).to_be_visible()
    assert halte.row()["held"] == 0


def test_without_a_connection_nothing_can_be_held_and_the_screen_says_so(desk: Desk, halte: Halte) -> None:
    desk.search("1f")
    desk.page.context.set_offline(True)
    expect(desk.page.get_by_text("Connexion perdue : données de")).to_be_visible()
    expect(desk.page.get_by_text("Rien ne peut être tenu")).to_be_visible()
    desk.press("Enter", "ArrowDown", "1")
    expect(desk.page.get_by_role("alert").filter(has_text="Rien ne peut être tenu : pas de connexion")).to_be_attached()
    assert "holds" not in desk.posted
    desk.page.context.set_offline(False)
    expect(desk.page.get_by_text("Rien ne peut être tenu :")).to_have_count(0)
    assert halte.row()["held"] == 0


def test_a_hold_is_lengthened_and_given_back_by_keys(desk: Desk, halte: Halte) -> None:
    hold(halte)
    expect(desk.held).to_have_count(1)
    desk.press("F4", "Enter", "p")
    expect(desk.held.get_by_role("button").first).to_contain_text("59:")
    desk.press("l", "2")
    expect(desk.page.get_by_text("Aucune place tenue en ce moment")).to_be_visible()
    expect(desk.page.locator("[data-area=holds]")).to_be_focused()
    assert halte.row()["held"] == 0
    assert halte.row()["free"] == 3


def test_a_hold_that_another_ended_leaves_the_list(desk: Desk, halte: Halte) -> None:
    held = hold(halte)
    expect(desk.held).to_have_count(1)
    release(halte, held, "no_show")
    expect(desk.held).to_have_count(0)


def test_the_card_of_a_hold_says_how_another_ended_it(desk: Desk, halte: Halte) -> None:
    desk.search("1f")
    desk.press("Enter")
    expect(desk.granted).to_contain_text("À dire à la porte")
    [held] = halte.service.get(f"/v1/territories/{halte.territory}/holds")["holds"]
    release(halte, held, "full_on_arrival")
    expect(desk.granted).to_contain_text("Terminée : complet à l’arrivée")
    expect(desk.held).to_have_count(0)


def test_an_old_number_is_confirmed_by_phone_before_it_is_held(desk: Desk, halte: Halte) -> None:
    halte.register(WOMEN | {"id": "halte.old"})
    halte.tell(type="count", pool="halte.old", occupied=30, minutes_ago=7 * 60)
    option = desk.search("1f")
    expect(number(option)).to_have_text("?")
    expect(option).to_contain_text("dernier chiffre : 9")
    expect(desk.page.get_by_role("heading", name="À confirmer par téléphone avant d’y envoyer")).to_be_visible()
    desk.press("Enter")
    expect(option).to_contain_text("Confirmé : tenir")
    assert "holds" not in desk.posted
    desk.press("Enter")
    expect(desk.granted).to_contain_text("À dire à la porte")


def test_what_is_kept_for_others_is_not_free_for_us(desk: Desk, halte: Halte) -> None:
    until = (datetime.now(UTC) + timedelta(hours=20)).isoformat(timespec="milliseconds")
    kept = {"contingents": [{"channel": "maraude", "places": 2, "until": until}]}
    halte.service.send("PUT", f"/v1/territories/{halte.territory}/pools/halte.women/contingents", kept)
    option = desk.search("1f")
    expect(number(option)).to_have_text("1")
    expect(option).to_contain_text("libre pour vous")
    expect(option).to_contain_text("3 en tout")


def test_a_request_is_written_down_and_answered_by_its_hold(desk: Desk, halte: Halte) -> None:
    desk.search("1f")
    desk.press("F2")
    expect(desk.call).to_contain_text("Code à laisser à l’appelant")
    code = desk.call.locator("strong span").first.inner_text()
    desk.press("Enter")
    expect(desk.call).to_contain_text("Orientée")
    assert {name: night(halte)[name] for name in ("requests", "oriented", "open")} == {
        "requests": 1,
        "oriented": 1,
        "open": 0,
    }
    # The same household calls again: two requests, one household.
    desk.press("Escape", "Escape")
    expect(desk.line).to_have_value("")
    desk.page.keyboard.type(f"1f {code.lower()}")
    expect(desk.page.get_by_text(f"déjà appelé : {code}")).to_be_visible()
    desk.press("F2")
    expect(desk.call).to_contain_text("Demande notée")
    assert (night(halte)["requests"], night(halte)["households"]) == (2, 1)


def test_an_unmet_request_says_why_by_one_key(desk: Desk, halte: Halte) -> None:
    desk.page.keyboard.type("2h")
    expect(desk.page.get_by_text("Aucune structure n’accueille ce ménage")).to_be_visible()
    desk.press("F2")
    expect(desk.call).to_contain_text("Code à laisser")
    desk.press("F2", "2")
    expect(desk.call).to_contain_text("Non pourvue : rien d’adapté")
    expect(desk.line).to_be_focused()
    panel = desk.page.get_by_role("region", name="Demandes de la nuit")
    expect(panel.get_by_role("row", name="rien d’adapté")).to_contain_text("1")
    assert night(halte)["unmet"]["no_fit"] == 1


def test_every_number_of_an_option_says_why(desk: Desk) -> None:
    option = desk.search("1f")
    option.get_by_role("button", name="pourquoi ce nombre").click()
    expect(desk.page.get_by_role("dialog")).to_contain_text("capacité")
    desk.press("Escape")
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    expect(desk.line).to_have_value("1f")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_axe_finds_nothing_in_the_middle_of_a_call(
    screens: Screens, halte: Halte, size: tuple[int, int], scheme: str
) -> None:
    open_a_refuge(halte)
    halte.register(WOMEN, WOMEN | {"id": "halte.old"})
    halte.tell(type="count", pool="halte.old", occupied=30, minutes_ago=7 * 60)
    desk = at_desk(screens.device(size, color_scheme=scheme), halte)
    desk.search("1f qqch")
    desk.press("F2")
    expect(desk.call).to_contain_text("Code à laisser")
    desk.press("Enter")
    expect(desk.granted).to_be_visible()
    desk.press("F4", "Enter", "l", "F8")
    found = Axe().run(desk.page, options=RULES).response["violations"]
    assert [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]] == []
    for width, height in (PHONE, TABLET, (1024, 768), DESK):
        desk.page.set_viewport_size({"width": width, "height": height})
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= width
