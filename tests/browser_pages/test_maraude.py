"""The maraude's phone: what is free now for a household, how old it is, and whom to call."""

import pytest
from playwright.sync_api import expect

from tests.browser_pages.conftest import PHONE, Screens
from tests.browser_pages.halte import FAMILIES, WOMEN, Halte

pytestmark = [pytest.mark.browser, pytest.mark.journey]


def test_a_free_place_has_its_number_its_age_its_place_and_its_phone(screens: Screens, halte: Halte) -> None:
    phone = screens.open(halte.url("/maraude"), PHONE)
    card = phone.get_by_role("listitem").filter(has_text="Halte de la Place")
    for words in ("3places", "à l’instant", "4e", "femmes seules"):
        expect(card).to_contain_text(words)
    call = card.get_by_role("link", name="Appeler")
    expect(call).to_have_attribute("href", "tel:0199001234")
    size = call.bounding_box()
    assert size is not None
    assert size["height"] >= 72


def test_two_taps_say_who_and_leave_what_fits(screens: Screens, halte: Halte) -> None:
    halte.register(WOMEN, FAMILIES)
    halte.tell(type="count", pool="halte.families", occupied=2)
    phone = screens.open(halte.url("/maraude"), PHONE)
    expect(phone.get_by_role("heading", name="Libre, 2 possibilités")).to_be_visible()
    phone.get_by_role("button", name="femme : un de plus").click()
    phone.get_by_role("button", name="enfant : un de plus").click()
    found = phone.get_by_role("region", name="Pour ce ménage, 1 possibilité")
    expect(found).to_contain_text("1 chambre pour 4, familles")
    for name in ("retirer 1 femme", "retirer 1 enfant"):
        phone.get_by_role("button", name=name).click()
    expect(phone.get_by_role("heading", name="Libre, 2 possibilités")).to_be_visible()


def test_the_position_leaves_the_phone_at_a_tap_only_and_is_kept_nowhere(screens: Screens, halte: Halte) -> None:
    here = {"latitude": 48.88123456, "longitude": 2.35543210}
    device = screens.device(PHONE, geolocation=here, permissions=["geolocation"])
    phone = device.new_page()
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url) if "/availability" in request.url else None)
    phone.goto(halte.url("/maraude"))
    phone.get_by_role("button", name="femme : un de plus").click()
    expect(phone.get_by_role("button", name="Tenir 45 min")).to_be_visible()
    assert asked
    assert not any("near" in url for url in asked)
    with phone.expect_request("**/availability?*near=48.881%2C2.355*"):
        phone.get_by_role("button", name="Près de moi").click()
    kept = phone.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "48.88" not in kept
    phone.reload()
    expect(phone.get_by_role("button", name="Près de moi")).to_have_attribute("aria-pressed", "false")


def test_what_is_kept_for_others_is_not_free_for_a_maraude(screens: Screens, halte: Halte) -> None:
    halte.keep("115", 2)
    phone = screens.open(halte.url("/maraude"), PHONE)
    card = phone.get_by_role("listitem").filter(has_text="Halte de la Place")
    expect(card).to_contain_text("1place")
    expect(card).to_contain_text("3 libres en tout")
    halte.keep("115", 3)
    phone.get_by_text("Complet, 1").click()
    expect(card).to_contain_text("3 libres, pour d’autres")


def test_a_stale_figure_is_to_be_confirmed_and_not_free(screens: Screens, halte: Halte) -> None:
    halte.register(WOMEN, FAMILIES)
    halte.tell(type="count", pool="halte.families", occupied=2, minutes_ago=7 * 60)
    phone = screens.open(halte.url("/maraude"), PHONE)
    doubtful = phone.get_by_role("region", name="À confirmer par téléphone")
    expect(doubtful).to_contain_text("il y a 7 h")
    free = phone.get_by_role("region", name="Libre")
    expect(free.get_by_role("listitem")).to_have_count(1)
    phone.get_by_role("button", name="femme : un de plus").click()
    phone.get_by_role("button", name="enfant : un de plus").click()
    expect(phone.get_by_text("Chiffre trop ancien : appelez d’abord.")).to_be_visible()
    expect(phone.get_by_role("button", name="C’est confirmé : tenir")).to_be_enabled()


def test_a_closed_pool_is_shown_as_closed(screens: Screens, halte: Halte) -> None:
    halte.tell(type="status", pool="halte.women", status="draining")
    phone = screens.open(halte.url("/maraude"), PHONE)
    phone.get_by_text("Ne prend personne, 1").click()
    expect(phone.get_by_role("listitem").filter(has_text="Halte de la Place")).to_contain_text("plus d’arrivées")


def test_a_dead_zone_keeps_the_last_picture_and_says_its_age(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    phone = device.new_page()
    phone.goto(halte.url("/maraude"))
    expect(phone.get_by_role("heading", name="Halte de la Place")).to_be_visible()
    # The page and its names come, the live board does not: as with one bar of network.
    phone.route_web_socket("**/feed*", lambda socket: socket.close())
    phone.reload()
    expect(phone.get_by_text("Connexion perdue : données de")).to_be_visible()
    expect(phone.get_by_role("heading", name="Halte de la Place")).to_be_visible()
