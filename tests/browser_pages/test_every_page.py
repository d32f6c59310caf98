"""What every page owes to everyone: readable by all, small, alone on its host, and never wider than its screen."""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect

from tests.browser_pages.conftest import DESK, PHONE, TABLET, TV, Screens
from tests.whole_service import RunningUp

pytestmark = [pytest.mark.browser, pytest.mark.journey]

JAVASCRIPT_BYTES = 60 * 1024
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
READY = {
    "/": "a[href^='/halte/']",
    "/mur": "[data-pool]",
    "/maraude": "main li",
    "/halte/halte-hotel-de-ville": "article button",
    "/halte/nowhere": "text=n’est pas au tableau",
    "/regulation": "text=Demandes de la nuit",
}
#: The wall and the phone are dark whatever the device prefers.
LOOKS = [
    ("/", "light"),
    ("/", "dark"),
    ("/mur", "light"),
    ("/maraude", "light"),
    ("/halte/halte-hotel-de-ville", "light"),
    ("/halte/halte-hotel-de-ville", "dark"),
    ("/halte/nowhere", "light"),
    ("/regulation", "light"),
    ("/regulation", "dark"),
]


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


def opened(screens: Screens, service: RunningUp, path: str, size: tuple[int, int], scheme: str) -> Page:
    page = screens.open(service.url + path, size, color_scheme=scheme)
    expect(page.locator(READY[path]).first).to_be_visible()
    return page


@pytest.mark.parametrize(("path", "scheme"), LOOKS)
def test_axe_finds_nothing(screens: Screens, demo_service: RunningUp, path: str, scheme: str) -> None:
    assert violations(opened(screens, demo_service, path, TV if path == "/mur" else PHONE, scheme)) == []


@pytest.mark.parametrize(("path", "scheme"), [look for look in LOOKS if look[0] not in {"/", "/halte/nowhere"}])
def test_axe_finds_nothing_without_a_network(screens: Screens, demo_service: RunningUp, path: str, scheme: str) -> None:
    page = opened(screens, demo_service, path, TV if path == "/mur" else PHONE, scheme)
    page.context.set_offline(True)
    expect(page.get_by_text("Connexion perdue").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("question", ["Compter", "État", "Hors service"])
def test_axe_finds_nothing_in_a_question(screens: Screens, demo_service: RunningUp, question: str) -> None:
    page = opened(screens, demo_service, "/halte/halte-hotel-de-ville", TABLET, "light")
    page.get_by_role("button", name=question, exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("path", READY)
def test_nothing_is_wider_than_the_screen(screens: Screens, demo_service: RunningUp, path: str) -> None:
    page = opened(screens, demo_service, path, TV, "light")
    for width, height in (PHONE, TABLET, DESK, TV):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if path == "/mur":
            assert page.evaluate("document.documentElement.scrollHeight") <= height


@pytest.mark.parametrize("path", READY)
def test_a_page_is_small_and_strict(screens: Screens, demo_service: RunningUp, path: str) -> None:
    page = screens.device().new_page()
    scripts: list[Response] = []
    page.on("response", lambda answer: scripts.append(answer) if answer.url.endswith(".js") else None)
    answer = page.goto(demo_service.url + path)
    expect(page.locator(READY[path]).first).to_be_visible()
    assert answer is not None
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-cache"
    assert scripts
    assert all("immutable" in script.headers["cache-control"] for script in scripts)
    assert sum(len(gzip.compress(script.body(), 9)) for script in scripts) <= JAVASCRIPT_BYTES


@pytest.mark.parametrize("path", ["/mur", "/maraude", "/halte/any", "/regulation", "/"])
def test_an_unknown_territory_is_said_plainly(screens: Screens, demo_service: RunningUp, path: str) -> None:
    page = screens.open(f"{demo_service.url}{path}?territory=nowhere", PHONE)
    expect(page.get_by_role("heading", name="Aucun territoire à montrer")).to_be_visible()
    page.get_by_role("link", name="Choisir un territoire").click()
    expect(page.get_by_role("link", name="Maraude")).to_be_visible()


def test_the_keyboard_alone_counts_a_halte(screens: Screens, demo_service: RunningUp) -> None:
    page = screens.open(f"{demo_service.url}/halte/halte-mairie-5e")
    page.get_by_role("button", name="Compter").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("12")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.type("12")
    page.get_by_role("button", name="Enregistrer").focus()
    page.keyboard.press("Enter")
    expect(page.locator("dd").first).to_contain_text("12 sur")
