"""The halte's tablet: taps become true everywhere, once, and nothing that was tapped is ever lost in silence."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser_pages.conftest import TV, Screens
from tests.browser_pages.halte import FAMILIES, Halte

pytestmark = [pytest.mark.browser, pytest.mark.journey]


def expect_outbox(page: Page, word: str, said: str) -> None:
    cell = page.get_by_label("Envois de cette tablette").get_by_role("listitem").filter(has_text=word)
    expect(cell.locator("strong")).to_have_text(said)


def occupied(page: Page) -> str:
    return page.locator("dd").first


def test_a_tap_on_the_tablet_changes_the_row_on_the_wall(screens: Screens, halte: Halte) -> None:
    wall = screens.open(halte.url("/mur"), TV)
    tablet = screens.open(halte.tablet)
    expect(wall.locator("[data-pool='halte.women'] .number strong")).to_have_text("3")
    tablet.get_by_role("button", name="+1 arrivée").click()
    expect(wall.locator("[data-pool='halte.women'] .number strong")).to_have_text("2")
    expect(occupied(tablet)).to_contain_text("37 sur 39")
    expect_outbox(tablet, "envoyé", "1")
    expect_outbox(tablet, "en attente", "0")


def test_a_count_takes_four_taps(screens: Screens, halte: Halte) -> None:
    tablet = screens.open(halte.tablet)
    for name in ("Compter", "4", "1", "Enregistrer"):
        tablet.get_by_role("button", name=name, exact=True).click()
    expect(occupied(tablet)).to_contain_text("41 sur 39")
    expect(tablet.get_by_text("+2 au-delà de la capacité")).to_be_visible()


def test_nothing_has_changed_renews_the_age(screens: Screens, halte: Halte) -> None:
    halte.tell(type="count", pool="halte.women", occupied=30)
    before = halte.row()["observed_at"]
    tablet = screens.open(halte.tablet)
    tablet.get_by_role("button", name="Rien n’a changé").click()
    expect_outbox(tablet, "envoyé", "1")
    after = halte.row()
    assert after["observed_at"] > before
    assert after["occupied"] == 30


def test_a_suspension_says_why_and_until_when(screens: Screens, halte: Halte) -> None:
    tablet = screens.open(halte.tablet)
    tablet.get_by_role("button", name="État").click()
    tablet.get_by_role("button", name="suspendu").click()
    tablet.get_by_label("Raison").select_option("heating")
    tablet.get_by_role("button", name="Suspendre").click()
    expect(tablet.locator(".free strong")).to_have_text("suspendu")
    assert halte.row()["status"] == "suspended"


def test_places_out_of_service_leave_the_free_ones(screens: Screens, halte: Halte) -> None:
    tablet = screens.open(halte.tablet)
    tablet.get_by_role("button", name="Hors service", exact=True).click()
    tablet.get_by_role("button", name="2", exact=True).click()
    tablet.get_by_label("Raison").select_option("pests")
    tablet.get_by_role("button", name="Enregistrer").click()
    expect(tablet.locator(".free strong")).to_have_text("1")
    assert halte.row()["out_of_service"] == 2


def test_taps_without_a_network_wait_and_are_sent_once_when_it_is_back(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    expect(occupied(tablet)).to_contain_text("36 sur 39")
    device.set_offline(True)
    for _ in range(2):
        tablet.get_by_role("button", name="+1 arrivée").click()
    expect_outbox(tablet, "en attente", "2")
    expect(tablet.get_by_text("hors ligne, tout est gardé")).to_be_visible()
    expect(tablet.get_by_text("38 une fois envoyé")).to_be_visible()
    expect(occupied(tablet)).to_contain_text("36 sur 39")
    halte.tell(type="movement", pool="halte.women", delta=-1)
    device.set_offline(False)
    expect(occupied(tablet)).to_contain_text("37 sur 39")
    expect_outbox(tablet, "en attente", "0")
    expect(tablet.get_by_text("hors ligne, tout est gardé")).to_have_count(0)


def test_a_tablet_whose_clock_is_wrong_tells_the_truth_all_the_same(screens: Screens, halte: Halte) -> None:
    tablet = screens.device().new_page()
    tablet.clock.install(time=datetime.now(UTC) + timedelta(hours=5))
    tablet.goto(halte.tablet)
    expect(tablet.locator(".age")).to_contain_text("à l’instant")
    tablet.get_by_role("button", name="+1 arrivée").click()
    expect_outbox(tablet, "envoyé", "1")
    observed = datetime.fromisoformat(halte.row()["observed_at"])
    assert abs(datetime.now(UTC) - observed) < timedelta(minutes=1)
    expect(tablet.locator(".age")).to_contain_text("à l’instant")


def unanswered(device: BrowserContext) -> None:
    device.route("**/reports", lambda route: route.abort())


def test_what_waits_survives_a_reload(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    unanswered(device)
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    tablet.get_by_role("button", name="+1 arrivée").click()
    expect_outbox(tablet, "en attente", "1")
    tablet.reload()
    expect_outbox(tablet, "en attente", "1")
    expect(tablet.get_by_text("+1 arrivée → 37 une fois envoyé")).to_be_visible()
    device.unroute("**/reports")
    tablet.reload()
    expect(occupied(tablet)).to_contain_text("37 sur 39")
    expect_outbox(tablet, "en attente", "0")
    assert halte.row()["occupied"] == 37


def test_a_tap_whose_answer_was_lost_counts_once(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    taken: list[int] = []

    def lose_the_first_answer(route: Route) -> None:
        if taken:
            route.continue_()
            return
        taken.append(route.fetch().status)
        route.abort()

    device.route("**/reports", lose_the_first_answer)
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    tablet.get_by_role("button", name="+1 arrivée").click()
    expect_outbox(tablet, "envoyé", "1")
    assert taken == [200]
    assert halte.row()["occupied"] == 37


def test_a_refused_tap_stays_in_sight_with_its_reason(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    unanswered(device)
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    tablet.get_by_role("button", name="+1 arrivée").click()
    expect_outbox(tablet, "en attente", "1")
    halte.register(FAMILIES)
    device.unroute("**/reports")
    tablet.reload()
    expect_outbox(tablet, "refusé", "1")
    expect(tablet.get_by_text("ce groupe de places n’est plus au tableau")).to_be_visible()
    tablet.get_by_role("button", name="Compris").click()
    expect_outbox(tablet, "refusé", "0")


def test_a_confirmation_of_a_row_that_changed_shows_what_changed_and_asks_again(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    unanswered(device)
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    tablet.get_by_role("button", name="Rien n’a changé").click()
    expect_outbox(tablet, "en attente", "1")
    halte.tell(type="count", pool="halte.women", occupied=38)
    device.unroute("**/reports")
    tablet.evaluate("dispatchEvent(new Event('online'))")
    expect_outbox(tablet, "conflit", "1")
    conflict = tablet.get_by_role("region", name="Conflit")
    expect(conflict).to_contain_text("36 38")
    conflict.get_by_role("button", name="Oui, c’est juste").click()
    expect_outbox(tablet, "conflit", "0")
    expect_outbox(tablet, "envoyé", "1")
    assert halte.row()["occupied"] == 38


def test_an_unknown_site_is_said_plainly(screens: Screens, halte: Halte) -> None:
    page = screens.open(halte.url("/halte/nowhere"))
    expect(page.get_by_role("heading", name="Cette structure n’est pas au tableau")).to_be_visible()
