"""The maraude's phone: what is free now for a household, how old it is, and whom to call."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser_pages.conftest import PHONE, Screens
from tests.browser_pages.halte import FAMILIES, WOMEN, Halte

pytestmark = [pytest.mark.browser, pytest.mark.journey]

GLOVE_PX = 72


def too_small(phone: Page) -> list[str]:
    """Every control in sight that a glove would miss."""
    found = []
    for control in phone.locator("a:visible, button:visible, select:visible, summary:visible").all():
        box = control.bounding_box()
        assert box is not None
        if min(box["width"], box["height"]) < GLOVE_PX:
            found.append(f"{control.inner_text()[:40]!r}: {box['width']:.0f} × {box['height']:.0f}")
    return found


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


def test_the_position_orders_the_list_and_never_leaves_the_phone(screens: Screens, halte: Halte) -> None:
    halte.register(WOMEN, position={"lat": 48.8570, "lon": 2.3530})
    halte.open_another("nord", position={"lat": 48.8810, "lon": 2.3560})
    here = {"latitude": 48.88123456, "longitude": 2.35543210}
    device = screens.device(PHONE, geolocation=here, permissions=["geolocation"])
    phone = device.new_page()
    told: list[str] = []
    device.on("request", lambda request: told.append(f"{request.url} {request.post_data or ''} {request.headers}"))
    phone.on("websocket", lambda socket: told.append(socket.url))
    phone.goto(halte.url("/maraude"))
    phone.get_by_role("button", name="femme : un de plus").click()
    names = phone.get_by_role("region", name="Pour ce ménage").get_by_role("heading", level=3)
    expect(names).to_have_count(2)
    near = phone.get_by_role("button", name="Près de moi")
    near.click()
    expect(near).to_have_attribute("aria-pressed", "true")
    expect(names).to_have_text(["Halte nord", "Halte de la Place"])
    first = phone.get_by_role("listitem").filter(has_text="Halte nord")
    expect(first).to_contain_text(re.compile(r"\d+ m à vol d’oiseau, environ 1 min à pied"))
    phone.get_by_role("button", name="femme : un de plus").click()
    expect(phone.get_by_role("button", name="Tenir 45 min").first).to_be_enabled()
    phone.get_by_role("button", name="Tenir 45 min").first.click()
    expect(phone.get_by_text("À dire à la porte")).to_be_visible()
    assert len(told) > 5
    assert not [one for one in told if "48.8812" in one or "2.3554" in one or "near=" in one]
    kept = phone.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "48.8812" not in kept
    assert "2.3554" not in kept
    phone.reload()
    expect(phone.get_by_role("button", name="Près de moi")).to_have_attribute("aria-pressed", "false")


def test_a_named_arrondissement_orders_the_list_on_the_phone(screens: Screens, halte: Halte) -> None:
    halte.open_another("nord", position={"lat": 48.8922, "lon": 2.3448}, address="1 rue du Nord, 75018 Paris")
    phone = screens.open(halte.url("/maraude"), PHONE)
    names = phone.get_by_role("region", name="Libre").get_by_role("heading", level=3)
    expect(names).to_have_text(["Halte de la Place", "Halte nord"])
    phone.get_by_label("Au plus près de quel arrondissement").select_option("18e")
    expect(names).to_have_text(["Halte nord", "Halte de la Place"])


def test_the_doors_say_when_they_are_open_and_whom_they_take(screens: Screens, halte: Halte) -> None:
    halte.register({**WOMEN, "traits": ["pets"]}, opening_hours="Mo-Su 18:00-08:00")
    phone = screens.open(halte.url("/maraude"), PHONE)
    card = phone.get_by_role("listitem").filter(has_text="Halte de la Place")
    expect(card).to_contain_text("tous les jours 18 h – 8 h · animaux acceptés")
    phone.get_by_role("button", name="femme : un de plus").click()
    expect(phone.get_by_role("button", name="Tenir 45 min")).to_be_visible()
    expect(card).to_contain_text("tous les jours 18 h – 8 h · animaux acceptés")
    expect(card).to_contain_text(re.compile("ouvert maintenant|fermé maintenant, ouvre à 18:00"))


def test_a_glove_finds_every_control(screens: Screens, halte: Halte) -> None:
    phone = screens.open(halte.url("/maraude"), PHONE)
    expect(phone.get_by_role("listitem").first).to_be_visible()
    assert too_small(phone) == []
    phone.get_by_role("button", name="femme : un de plus").click()
    expect(phone.get_by_role("button", name="Tenir 45 min")).to_be_enabled()
    assert too_small(phone) == []


def test_the_phone_is_dark_whatever_the_device_prefers_and_shows_no_picture(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE, color_scheme="light")
    phone = device.new_page()
    kinds: list[str] = []
    device.on("request", lambda request: kinds.append(request.resource_type))
    phone.goto(halte.url("/maraude"))
    expect(phone.get_by_role("heading", name="Halte de la Place")).to_be_visible()
    assert phone.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(11, 14, 18)"
    assert phone.locator("img").count() == 0
    assert not {"font", "image", "media"} & set(kinds)


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
