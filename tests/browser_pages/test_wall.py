"""The wall: it repaints by itself, and never shows an old picture as if it were new."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser_pages.conftest import TV, Screens
from tests.browser_pages.halte import FAMILIES, WOMEN, Halte
from tests.whole_service import RunningUp

pytestmark = [pytest.mark.browser, pytest.mark.journey]

#: Counts every amber band that ever enters the page.
WATCH_BANDS = """
  window.bands = 0;
  new MutationObserver(() => { window.bands += document.querySelectorAll(".band").length; })
    .observe(document, { childList: true, subtree: true });
"""


def test_the_wall_repaints_when_a_report_is_posted(screens: Screens, halte: Halte) -> None:
    wall = screens.open(halte.url("/mur"), TV)
    line = wall.locator("[data-pool='halte.women']")
    expect(line.locator(".number strong")).to_have_text("3")
    halte.tell(type="movement", pool="halte.women", delta=2)
    expect(line.locator(".number strong")).to_have_text("1")
    expect(wall.locator(".totals")).to_contain_text("1 pl.")


def test_a_pool_that_opens_appears_with_its_name(screens: Screens, halte: Halte) -> None:
    wall = screens.open(halte.url("/mur"), TV)
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible()
    halte.register(WOMEN, FAMILIES)
    halte.tell(type="count", pool="halte.families", occupied=2)
    expect(wall.locator("[data-pool='halte.families']")).to_contain_text("ch. pour 4")


def test_rooms_and_places_are_never_added_up(screens: Screens, halte: Halte) -> None:
    halte.register(WOMEN, {**FAMILIES, "audience": "women"})
    halte.tell(type="count", pool="halte.families", occupied=2)
    wall = screens.open(halte.url("/mur"), TV)
    women = wall.get_by_role("listitem").filter(has=wall.get_by_role("heading", name="femmes"))
    expect(women).to_contain_text("4 ch.")
    expect(women).to_contain_text("3 pl.")


def test_a_pool_that_nobody_reported_on_is_never_shown_as_free(screens: Screens, demo_service: RunningUp) -> None:
    halte = Halte.opened(demo_service, counted=False)
    wall = screens.open(halte.url("/mur"), TV)
    expect(wall.get_by_text("Rien de libre de sûr en ce moment")).to_be_visible()
    expect(wall.locator(".totals")).to_contain_text("à confirmer")
    expect(wall.locator(".totals")).not_to_contain_text("39")


def test_no_band_flashes_while_the_page_loads(screens: Screens, halte: Halte) -> None:
    device = screens.device(TV)
    device.add_init_script(WATCH_BANDS)
    wall = device.new_page()
    for _ in range(3):
        wall.goto(halte.url("/mur"))
        expect(wall.locator("[data-pool='halte.women']")).to_be_visible()
        assert wall.evaluate("window.bands") == 0


def test_a_wall_whose_server_dies_says_so_then_freezes_then_recovers(
    screens: Screens, up: Callable[..., RunningUp]
) -> None:
    service = up()
    service.read_until("ready")
    halte = Halte.opened(service)
    wall = screens.device(TV, service=service).new_page()
    wall.clock.install()
    wall.goto(halte.url("/mur"))
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible()
    wall.clock.fast_forward(3_000)

    assert service.stop() == 0
    expect(wall.get_by_text("Connexion perdue")).to_be_visible()
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible()

    wall.clock.fast_forward(31_000)
    expect(wall.get_by_text("DONNÉES FIGÉES depuis")).to_be_visible()

    again = up(port=int(service.url.rpartition(":")[2]))
    again.read_until("ready")
    Halte(again, halte.territory).tell(type="count", pool="halte.women", occupied=38)
    wall.clock.fast_forward(10_000)
    expect(wall.locator("[data-pool='halte.women'] .number strong")).to_have_text("1")
    expect(wall.locator(".band")).to_have_count(0)


def test_a_silent_server_is_told_from_a_live_one(screens: Screens, halte: Halte) -> None:
    wall = screens.device(TV).new_page()
    wall.clock.install()
    # The first picture passes; then the line stays open and nothing comes, as through a broken proxy.
    heard = []

    def first_only(socket) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda message: (heard.append(1), socket.send(message)) if not heard else None)

    wall.route_web_socket("**/feed*", first_only)
    wall.goto(halte.url("/mur"))
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible()
    wall.clock.fast_forward(11_000)
    expect(wall.get_by_text("Le serveur ne dit plus rien")).to_be_visible()


def test_a_kept_picture_that_nobody_can_renew_is_shown_as_history(
    screens: Screens, up: Callable[..., RunningUp]
) -> None:
    service = up()
    service.read_until("ready")
    halte = Halte.opened(service)
    wall = screens.device(TV, service=service).new_page()
    wall.clock.install()
    wall.goto(halte.url("/mur"))
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible()
    wall.evaluate("dispatchEvent(new Event('pagehide'))")
    # The page starts anew an hour later and hears nothing, as after a power cut in which the line went too.
    wall.route_web_socket("**/feed*", lambda socket: socket.close())
    wall.clock.fast_forward(3_600_000)
    wall.goto(halte.url("/mur"))
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible()
    wall.clock.fast_forward(2_100)
    expect(wall.get_by_text("DONNÉES FIGÉES depuis")).to_be_visible()


def test_a_total_opens_the_pools_that_sum_to_it(screens: Screens, halte: Halte) -> None:
    halte.register(WOMEN, WOMEN | {"id": "halte.annexe", "capacity": 12})
    halte.tell(type="count", pool="halte.annexe", occupied=7)
    wall = screens.open(halte.url("/mur"), TV)
    total = wall.locator(".totals").get_by_role("button", name="femmes : pourquoi ce nombre ?")
    expect(total).to_contain_text("8")
    total.press("Enter")
    parts = wall.get_by_role("dialog")
    expect(parts.locator("tbody tr")).to_have_count(2)
    expect(parts.locator("tfoot")).to_contain_text("8")
    parts.get_by_role("button", name="Halte de la Place").first.click()
    expect(wall.get_by_role("dialog")).to_contain_text("Pourquoi ce nombre ?")


def test_a_screen_that_nobody_touches_has_no_dialogs(screens: Screens, halte: Halte) -> None:
    wall = screens.open(f"{halte.url('/mur')}&kiosk", TV)
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible()
    expect(wall.get_by_role("button")).to_have_count(0)
    expect(wall.get_by_role("link")).to_have_count(0)
