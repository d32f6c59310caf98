"""A place held from the phone: never shown before the server said so, and true through dead zones and reloads."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.browser_pages.conftest import PHONE, Screens
from tests.browser_pages.halte import Halte
from tests.browser_pages.test_every_page import violations

pytestmark = [pytest.mark.browser, pytest.mark.journey]

HOLDS = "**/holds"


def looking(device: BrowserContext, halte: Halte) -> Page:
    """A phone that looks for two women, with the option in sight."""
    phone = device.new_page()
    phone.goto(halte.url("/maraude"))
    for _ in range(2):
        phone.get_by_role("button", name="femme : un de plus").click()
    expect(hold_button(phone)).to_be_enabled()
    return phone


def hold_button(phone: Page) -> Locator:
    return phone.get_by_role("button", name="Tenir 45 min")


def card(phone: Page) -> Locator:
    return phone.get_by_role("region", name=re.compile("Mes (places tenues|demandes)")).get_by_role("listitem")


def held(device: BrowserContext, halte: Halte) -> tuple[Page, str]:
    """A phone that holds two places, and the hold's id."""
    phone = looking(device, halte)
    hold_button(phone).click()
    expect(card(phone)).to_contain_text("À dire à la porte")
    [hold] = halte.holds()
    return phone, hold["id"]


def let_the_undo_pass(phone: Page) -> None:
    expect(card(phone).get_by_role("button", name="Ce n’est pas ça")).to_be_visible()
    phone.clock.fast_forward(6_000)


def test_a_held_place_has_its_code_its_time_and_its_address(screens: Screens, halte: Halte) -> None:
    phone, hold_id = held(screens.device(PHONE), halte)
    hold = halte.told(hold_id)
    assert hold["channel"] == "maraude"
    assert hold["party"] == {"women": 2, "men": 0, "children": 0}
    assert hold["lines"] == [{"pool": "halte.women", "places": 2}]
    for words in (hold["code"], "44:5", "2 places, femmes seules", "1 place de la Halte"):
        expect(card(phone)).to_contain_text(words)
    assert halte.row()["held"] == 2
    assert violations(phone) == []
    for button in card(phone).get_by_role("button").all():
        size = button.bounding_box()
        assert size is not None
        assert size["height"] >= 72


def test_a_hold_survives_a_reload_of_the_page(screens: Screens, halte: Halte) -> None:
    phone, hold_id = held(screens.device(PHONE), halte)
    phone.reload()
    expect(card(phone)).to_contain_text(halte.told(hold_id)["code"])


def test_without_a_network_nothing_is_held_nor_asked_for_later(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    phone = looking(device, halte)
    device.set_offline(True)
    hold_button(phone).click()
    expect(phone.get_by_role("alert")).to_contain_text("Pas tenu : pas de réseau. Appelez Halte de la Place.")
    expect(phone.get_by_role("alert").get_by_role("link")).to_have_attribute("href", "tel:0199001234")
    device.set_offline(False)
    expect(phone.get_by_text("Connexion perdue")).to_have_count(0)
    expect(card(phone)).to_have_count(0)
    assert halte.holds() == []


def test_a_hold_whose_answer_was_lost_is_not_shown_as_held_and_is_granted_once(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    taken: list[int] = []

    def lose_the_answers(route: Route) -> None:
        taken.append(route.fetch().status)
        route.abort()

    phone = looking(device, halte)
    device.route(HOLDS, lose_the_answers)
    with phone.expect_event("requestfailed", lambda request: request.method == "POST"):
        hold_button(phone).click()
    expect(card(phone)).to_contain_text("Pas encore tenu")
    [hold] = halte.holds()
    expect(card(phone)).not_to_contain_text(hold["code"])
    assert violations(phone) == []
    device.unroute(HOLDS)
    phone.evaluate("dispatchEvent(new Event('online'))")
    expect(card(phone)).to_contain_text(hold["code"])
    assert taken[0] == 201
    assert [one["id"] for one in halte.holds()] == [hold["id"]]


def test_a_wish_that_is_given_up_holds_nothing(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    phone = looking(device, halte)
    device.route(HOLDS, lambda route: (route.fetch(), route.abort()))
    hold_button(phone).click()
    card(phone).get_by_role("button", name="Abandonner").click()
    expect(card(phone)).to_have_count(0)
    assert halte.row()["held"] == 0


def test_a_place_that_went_meanwhile_is_said_to_be_not_held(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    phone = looking(device, halte)
    device.route(HOLDS, lambda route: (halte.hold(3), route.continue_()))
    hold_button(phone).click()
    expect(card(phone)).to_contain_text("Pas tenu")
    expect(card(phone)).to_contain_text("il n’y a plus assez de places libres pour vous")
    expect(hold_button(phone)).to_be_disabled()
    assert violations(phone) == []
    card(phone).get_by_role("button", name="Compris").click()
    expect(card(phone)).to_have_count(0)


def test_a_wrong_tap_can_be_taken_back_and_the_right_one_counts(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    device.clock.install()
    phone, hold_id = held(device, halte)
    card(phone).get_by_role("button", name="Annuler").click()
    card(phone).get_by_role("button", name="Ce n’est pas ça").click()
    card(phone).get_by_role("button", name="Arrivés").click()
    let_the_undo_pass(phone)
    expect(card(phone)).to_contain_text("✓ arrivés")
    assert halte.told(hold_id)["state"] == "arrived"
    assert halte.row()["occupied"] == 38
    phone.clock.fast_forward(61_000)
    expect(card(phone)).to_have_count(0)


def test_fewer_than_were_held_release_the_rest(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    device.clock.install()
    phone, _ = held(device, halte)
    card(phone).get_by_role("button", name="Moins nombreux").click()
    dialog = phone.get_by_role("dialog")
    dialog.get_by_role("button", name="retirer 1").click()
    expect(dialog).to_contain_text("1 place sera libérée")
    assert violations(phone) == []
    dialog.get_by_role("button", name="Arrivés").click()
    let_the_undo_pass(phone)
    expect(card(phone)).to_contain_text("✓ arrivés")
    row = halte.row()
    assert (row["occupied"], row["held"]) == (37, 0)


def test_a_hold_can_be_lengthened(screens: Screens, halte: Halte) -> None:
    phone, _ = held(screens.device(PHONE), halte)
    card(phone).get_by_role("button", name="Prolonger").click()
    expect(card(phone)).to_contain_text("59:")


def test_a_hold_that_ended_while_the_phone_was_offline_says_so_and_both_words_are_kept(
    screens: Screens, halte: Halte
) -> None:
    device = screens.device(PHONE)
    phone, hold_id = held(device, halte)
    device.set_offline(True)
    expect(phone.get_by_text("Connexion perdue").first).to_be_visible()
    halte.end(hold_id, "release", reason="no_show")
    expect(card(phone)).to_contain_text("À dire à la porte")
    device.set_offline(False)
    expect(card(phone)).to_contain_text("pas venus")
    card(phone).get_by_role("button", name="Complet à l’arrivée").click()
    expect(card(phone)).to_contain_text("Votre parole est gardée : complet à l’arrivée")
    hold = halte.told(hold_id)
    assert hold["disputed"]
    assert violations(phone) == []
    assert [(one["side"], one["says"]) for one in hold["statements"]] == [("team", "full_on_arrival")]
    card(phone).get_by_role("button", name="Tenir à nouveau").click()
    expect(card(phone)).to_contain_text("À dire à la porte")
    [again] = halte.holds()
    assert again["id"] != hold_id


def test_past_its_time_a_hold_is_in_question_until_the_server_says(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    device.clock.install()
    phone, _ = held(device, halte)
    device.set_offline(True)
    phone.clock.fast_forward(46 * 60_000)
    expect(card(phone)).to_contain_text("terminé ?")
    expect(card(phone)).to_contain_text("Pas de réseau : le serveur dira si la place est encore tenue")


def test_what_happened_at_the_door_waits_for_the_network(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    device.clock.install()
    phone, hold_id = held(device, halte)
    device.set_offline(True)
    card(phone).get_by_role("button", name="Complet à l’arrivée").click()
    let_the_undo_pass(phone)
    expect(card(phone)).to_contain_text("à envoyer, pas encore reçu")
    device.set_offline(False)
    phone.clock.fast_forward(10_000)
    expect(card(phone)).to_contain_text("✓ complet à l’arrivée")
    assert halte.told(hold_id)["reason"] == "full_on_arrival"
