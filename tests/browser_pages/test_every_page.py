"""What every page owes to everyone: readable by all, small, alone on its host, and never wider than its screen."""

import gzip
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect

from capacity.web.public.languages import LANGUAGES
from tests.browser_pages.conftest import DESK, PHONE, TABLET, TV, Screens
from tests.whole_service import RunningUp

pytestmark = [pytest.mark.browser, pytest.mark.journey]

JAVASCRIPT_BYTES = 60 * 1024
PUBLIC_JAVASCRIPT_BYTES = 10 * 1024
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PICTURES = Path(__file__).parents[2] / "test-results" / "screens"
ZOOMED = (320, 256)
"""What a window of 1280×1024 has for a page at 400 %."""

PUBLIC = {"/": "#live li h4", "/?need=sleep&audience=women&territory=75": ".pages", "/?territory=nowhere": ".note"} | {
    f"/?lang={lang}&territory=75": "#live li h4" for lang in LANGUAGES
}
TEXTS = {"/donnees": "h1", "/accessibilite": "h1"}
SCREENS = {
    "/ecrans": "a[href^='/halte/']",
    "/mur": "[data-pool]",
    "/maraude": "main li",
    "/halte/halte-hotel-de-ville": "article button",
    "/halte/nowhere": "text=n’est pas au tableau",
    "/regulation": "text=Demandes de la nuit",
    "/connexion": "text=Données gardées",
    "/appareil": "text=Code montré par l’écran",
    "/admin": "nav a[href='#structures'] >> visible=true",
}
READY = PUBLIC | TEXTS | SCREENS
HAS_FEED = ["/mur", "/maraude", "/halte/halte-hotel-de-ville", "/regulation"]
#: The wall and the phone are dark whatever the device prefers.
LOOKS = [(path, "light") for path in READY] + [
    (path, "dark") for path in READY if path not in {"/mur", "/maraude", "/halte/nowhere"}
]
ROOTED = {"/": "/?territory=75"}


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


def opened(screens: Screens, service: RunningUp, path: str, size: tuple[int, int], scheme: str) -> Page:
    page = screens.open(service.url + ROOTED.get(path, path), size, color_scheme=scheme)
    expect(page.locator(READY[path]).first).to_be_visible(timeout=20_000)
    return page


@pytest.mark.parametrize(("path", "scheme"), LOOKS)
def test_axe_finds_nothing(screens: Screens, demo_service: RunningUp, path: str, scheme: str) -> None:
    assert violations(opened(screens, demo_service, path, TV if path == "/mur" else PHONE, scheme)) == []


@pytest.mark.parametrize(("path", "scheme"), [look for look in LOOKS if look[0] in HAS_FEED])
def test_axe_finds_nothing_without_a_network(screens: Screens, demo_service: RunningUp, path: str, scheme: str) -> None:
    page = opened(screens, demo_service, path, TV if path == "/mur" else PHONE, scheme)
    page.context.set_offline(True)
    expect(page.get_by_text("Connexion perdue").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("path", ["/connexion", "/ecrans", "/regulation", "/halte/halte-hotel-de-ville", "/admin"])
def test_axe_finds_nothing_for_a_stranger(screens: Screens, demo_service: RunningUp, path: str) -> None:
    page = screens.open(f"{demo_service.url}{path}", PHONE, signed_in=False)
    expect(page.get_by_role("link", name="Se connecter").or_(page.get_by_label("E-mail")).first).to_be_visible()
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
def test_nothing_is_wider_than_the_screen_and_each_page_has_its_picture(
    screens: Screens, demo_service: RunningUp, path: str
) -> None:
    page = opened(screens, demo_service, path, TV, "light")
    PICTURES.mkdir(parents=True, exist_ok=True)
    name = "".join(sign if sign.isalnum() else "-" for sign in path.strip("/")).strip("-") or "accueil"
    for width, height in (PHONE, TABLET, DESK, TV):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if path == "/mur":
            assert page.evaluate("document.documentElement.scrollHeight") <= height
        picture = PICTURES / f"{name}-{width}x{height}.png"
        page.screenshot(path=picture)
        assert picture.stat().st_size > 1_000


@pytest.mark.parametrize("path", [path for path in READY if path != "/mur"])
def test_a_page_at_400_percent_is_read_without_moving_sideways(
    screens: Screens, demo_service: RunningUp, path: str
) -> None:
    page = opened(screens, demo_service, path, TABLET, "light")
    width, height = ZOOMED
    page.set_viewport_size({"width": width, "height": height})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(CUT_OFF, width)
    assert cut == []


#: Texts that reach beyond the sides of the screen, where nobody can bring them in.
CUT_OFF = """width => [...document.querySelectorAll("h1, h2, h3, h4, p, li, a, button, input, strong")]
  .filter(one => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".unseen, .skip, [class*=scroll]"))
  .map(one => [one.getBoundingClientRect(), one])
  .filter(([box]) => box.width > 1 && (box.right > width + 1 || box.left < -1))
  .map(([box, one]) => `${Math.round(box.left)}-${Math.round(box.right)} ${one.outerHTML.slice(0, 90)}`)"""


@pytest.mark.parametrize("path", SCREENS)
def test_a_page_is_small_and_strict(screens: Screens, demo_service: RunningUp, path: str) -> None:
    answer, scripts = loaded(screens, demo_service, path)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert scripts
    named = [script for script in scripts if "/assets/" in script.url]
    assert named
    assert all("immutable" in script.headers["cache-control"] for script in named)
    assert sum(len(gzip.compress(script.body(), 9)) for script in scripts) <= JAVASCRIPT_BYTES


@pytest.mark.parametrize("path", PUBLIC | TEXTS)
def test_a_page_of_everybody_hardly_has_a_script(screens: Screens, demo_service: RunningUp, path: str) -> None:
    answer, scripts = loaded(screens, demo_service, path)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert sum(len(script.body()) for script in scripts) <= PUBLIC_JAVASCRIPT_BYTES
    assert len(gzip.compress(answer.body())) < 32 * 1024


def loaded(screens: Screens, service: RunningUp, path: str) -> tuple[Response, list[Response]]:
    """The answer of a page, and of its scripts."""
    page = screens.device().new_page()
    scripts: list[Response] = []
    page.on("response", lambda answer: scripts.append(answer) if ".js" in answer.url else None)
    answer = page.goto(service.url + ROOTED.get(path, path))
    expect(page.locator(READY[path]).first).to_be_visible()
    assert answer is not None
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-cache"
    return answer, scripts


@pytest.mark.parametrize("path", [path for path in READY if path not in {"/mur", "/accessibilite"}])
def test_the_statement_of_accessibility_is_a_link_of_every_page(
    screens: Screens, demo_service: RunningUp, path: str
) -> None:
    page = opened(screens, demo_service, path, PHONE, "light")
    expect(page.locator("a[href='/accessibilite']").first).to_be_attached()


@pytest.mark.parametrize("path", [path for path in READY if path != "/mur"])
def test_the_keyboard_reaches_a_control_and_shows_where_it_is(
    screens: Screens, demo_service: RunningUp, path: str
) -> None:
    page = opened(screens, demo_service, path, DESK, "light")
    page.evaluate("document.activeElement?.blur()")
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        told = page.evaluate(FOCUSED)
        if told is None:
            continue
        seen.add(told["which"])
        assert told["shows"], told["which"]
    assert len(seen) >= 2


#: What has the focus, and whether one sees it.
FOCUSED = """() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return null;
  const style = getComputedStyle(one);
  const shows = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return { which: one.outerHTML.slice(0, 160), shows };
}"""


@pytest.mark.parametrize("path", ["/mur", "/maraude", "/halte/any", "/regulation", "/ecrans"])
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
