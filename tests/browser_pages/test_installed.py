"""The pages on a device of their own: installed, open without a network, and renewed only when somebody wants it."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser_pages.conftest import PHONE, TV, Screens
from tests.browser_pages.halte import Halte

pytestmark = [pytest.mark.browser, pytest.mark.journey]


def kept(device: BrowserContext, url: str) -> Page:
    """A page that its device has kept."""
    page = device.new_page()
    page.goto(url)
    expect(page.locator("html[data-kept]")).to_be_attached(timeout=30_000)
    return page


def has_kept(page: Page) -> list[str]:
    """The addresses of all that the device's caches have."""
    found: list[str] = page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async (name) =>"
        " (await (await caches.open(name)).keys()).map(({url}) => new URL(url).pathname)))).flat()"
    )
    return found


def test_the_pages_can_be_installed_under_an_icon_of_our_own(screens: Screens, halte: Halte) -> None:
    page = screens.open(halte.url("/maraude"), PHONE)
    link = page.locator("link[rel=manifest]").get_attribute("href")
    answer = page.request.get(f"{halte.service.url}{link}")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = answer.json()
    assert (manifest["display"], manifest["scope"], manifest["lang"]) == ("standalone", "/", "fr")
    purposes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= purposes
    for icon in manifest["icons"]:
        picture = page.request.get(f"{halte.service.url}{icon['src']}")
        assert picture.headers["content-type"] == icon["type"]
        if icon["type"] == "image/png":
            width = int.from_bytes(picture.body()[16:20])
            assert f"{width}x{width}" == icon["sizes"]


def test_a_phone_opens_in_a_dead_zone_with_its_last_picture_and_its_age(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    phone = kept(device, halte.url("/maraude"))
    said = "(line) => getComputedStyle(line, '::after').content"
    assert "prêt hors ligne" in phone.locator(".link").evaluate(said)
    device.set_offline(True)
    phone.reload()
    expect(phone.get_by_role("heading", name="Halte de la Place")).to_be_visible()
    expect(phone.get_by_text(re.compile("Connexion perdue : données de"))).to_be_visible()
    expect(phone.get_by_role("link", name="Appeler Halte de la Place")).to_have_attribute("href", "tel:0199001234")
    assert "grayscale" in phone.locator(".found").evaluate("(found) => getComputedStyle(found).filter")


def test_past_the_stale_limit_a_dead_zone_says_to_confirm_by_phone(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    phone = kept(device, halte.url("/maraude"))
    device.set_offline(True)
    device.clock.install(time=phone.evaluate("Date.now()") / 1000 + 4 * 3600)
    phone.reload()
    doubtful = phone.get_by_role("region", name="À confirmer par téléphone")
    expect(doubtful).to_contain_text("Halte de la Place")
    expect(doubtful).to_contain_text("dernier chiffre : 3 places libres")
    expect(doubtful.get_by_role("link", name="Appeler")).to_have_attribute("href", "tel:0199001234")
    expect(phone.get_by_role("heading", name="Rien de libre de sûr pour ce choix")).to_be_visible()


def test_nothing_is_held_in_a_dead_zone_even_after_a_reload(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    phone = kept(device, halte.url("/maraude"))
    device.set_offline(True)
    phone.reload()
    phone.get_by_role("button", name="femme : un de plus").click()
    expect(phone.get_by_text("Pas de réponse du serveur")).to_be_visible(timeout=20_000)
    expect(phone.get_by_role("button", name=re.compile("Tenir"))).to_have_count(0)
    expect(phone.get_by_role("link", name="Appeler Halte de la Place")).to_be_visible()
    assert halte.holds() == []


def test_a_tablet_opens_without_a_network_and_keeps_what_is_tapped(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    tablet = kept(device, halte.tablet)
    device.set_offline(True)
    tablet.reload()
    expect(tablet.locator("article").first).to_contain_text("36")
    tablet.get_by_role("button", name=re.compile("arrivée")).first.click()
    expect(tablet.get_by_text("1 en attente").first).to_be_visible(timeout=20_000)
    device.set_offline(False)
    expect(tablet.get_by_text("1 en attente")).to_have_count(0, timeout=30_000)
    assert halte.row()["occupied"] == 37


def test_a_wall_opens_without_a_network_under_any_configuration(screens: Screens, halte: Halte) -> None:
    device = screens.device(TV)
    wall = kept(device, halte.url("/mur") + "&kiosk")
    expect(wall.get_by_text("Halte de la Place", exact=True)).to_be_visible()
    device.set_offline(True)
    wall.goto(halte.url("/mur") + "&audience=women")
    expect(wall.get_by_text("Halte de la Place", exact=True)).to_be_visible()


def test_the_home_page_comes_from_the_service_or_says_that_it_cannot(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    page = kept(device, halte.url("/maraude"))
    page.goto(halte.service.url)
    expect(page.get_by_role("heading", name="Pas de réseau")).to_have_count(0)
    device.set_offline(True)
    page.goto(halte.service.url)
    expect(page.get_by_role("heading", name="Pas de réseau")).to_be_visible()
    expect(page.get_by_role("link", name="Appeler le 115")).to_be_visible()
    page.get_by_role("link", name="Maraude").click()
    expect(page.get_by_role("button", name="femme : un de plus")).to_be_visible()


def test_nothing_that_the_service_tells_is_kept_by_the_worker(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    phone = kept(device, halte.url("/maraude"))
    phone.get_by_role("button", name="femme : un de plus").click()
    expect(phone.get_by_role("button", name="Tenir 45 min")).to_be_enabled()
    addresses = has_kept(phone)
    assert "/maraude" in addresses
    built = re.compile(r"/(assets/|maraude$|manifest\.webmanifest$|hors-ligne\.)")
    assert [address for address in addresses if not built.match(address)] == []


def test_a_part_that_could_not_be_fetched_comes_once_the_network_is_back(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    # So that nothing but the network has it.
    device.add_init_script("Object.defineProperty(navigator, 'serviceWorker', {value: undefined})")
    phone = device.new_page()
    phone.goto(halte.url("/maraude"))
    why = phone.get_by_role("button", name="femmes seules : pourquoi ce nombre ?")
    expect(why).to_be_visible()
    device.set_offline(True)
    why.click()
    phone.get_by_role("button", name="femme : un de plus").click()
    expect(phone.get_by_text("Pas de réponse du serveur")).to_be_visible()
    expect(phone.get_by_role("dialog")).to_have_count(0)
    device.set_offline(False)
    expect(phone.get_by_role("button", name="Tenir 45 min")).to_be_enabled(timeout=20_000)
    why.click()
    expect(phone.get_by_role("dialog", name="Pourquoi ce nombre ?")).to_be_visible()
    padding = phone.locator("dialog").evaluate("(dialog) => getComputedStyle(dialog).paddingTop")
    assert padding != "0px", "its styles came too"


def renew(page: Page) -> None:
    """The device finds a newer worker, as after an update of the service: another address is another version to it."""
    page.evaluate("async () => { await navigator.serviceWorker.register('/sw.js?newer', {scope: '/'}); }")


def test_a_new_version_is_announced_and_waits_to_be_wanted(screens: Screens, halte: Halte) -> None:
    device = screens.device(PHONE)
    phone = kept(device, halte.url("/maraude"))
    phone.get_by_role("button", name="femme : un de plus").click()
    renew(phone)
    expect(phone.get_by_text("Nouvelle version")).to_be_visible(timeout=20_000)
    expect(phone.get_by_role("button", name="retirer 1 femme")).to_be_enabled()
    with phone.expect_navigation():
        phone.get_by_role("button", name="Recharger").click()
    expect(phone.get_by_role("button", name="+ femme : un de plus")).to_be_visible()


def test_a_new_version_waits_for_the_end_of_a_question(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    tablet = kept(device, halte.tablet)
    other = device.new_page()
    other.goto(halte.tablet)
    tablet.get_by_role("button", name="Compter").click()
    renew(tablet)
    expect(other.get_by_text("Nouvelle version")).to_be_visible(timeout=20_000)
    tablet.evaluate("window.isStill = true")
    with other.expect_navigation():
        other.get_by_role("button", name="Recharger").click()
    expect(tablet.get_by_role("dialog")).to_be_visible()
    assert tablet.evaluate("window.isStill")
    with tablet.expect_navigation(timeout=20_000):
        tablet.get_by_role("button", name="Annuler").click()
    assert not tablet.evaluate("window.isStill")


def test_a_wall_takes_a_new_version_by_itself_when_its_page_turns(screens: Screens, halte: Halte) -> None:
    device = screens.device(TV)
    wall = kept(device, halte.url("/mur") + "&kiosk&page=5")
    with wall.expect_navigation(timeout=30_000):
        renew(wall)
    expect(wall.get_by_text("Halte de la Place", exact=True)).to_be_visible()
