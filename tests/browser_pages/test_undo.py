"""Ten seconds to take a tap back: whatever the network does meanwhile, the number is that from before the tap."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser_pages.conftest import TV, Screens
from tests.browser_pages.halte import FAMILIES, WOMEN, Halte
from tests.browser_pages.test_tablet import expect_outbox, occupied, unanswered
from tests.whole_service import RunningUp

pytestmark = [pytest.mark.browser, pytest.mark.journey]


def undo(page: Page) -> Locator:
    return page.get_by_role("button", name="Annuler")


def tap(page: Page, name: str = "+1 arrivée") -> None:
    page.get_by_role("button", name=name).first.click()


def test_a_tap_goes_at_once_and_is_taken_back_by_one_more(screens: Screens, halte: Halte) -> None:
    wall = screens.open(halte.url("/mur"), TV)
    free = wall.locator("[data-pool='halte.women'] .number strong")
    tablet = screens.open(halte.tablet)
    tap(tablet, "−1 départ")
    expect(free).to_have_text("4")
    expect(undo(tablet)).to_have_accessible_description("−1 départ")
    undo(tablet).click()
    expect(free).to_have_text("3")
    expect(undo(tablet)).to_have_count(0)
    assert halte.row()["occupied"] == 36


def test_the_offer_counts_its_seconds_and_ends(screens: Screens, halte: Halte) -> None:
    tablet = screens.device().new_page()
    tablet.clock.install()
    tablet.goto(halte.tablet)
    tap(tablet)
    expect(undo(tablet)).to_contain_text("(10)")
    tablet.clock.fast_forward(4_000)
    expect(undo(tablet)).to_contain_text("(6)")
    tablet.clock.fast_forward(7_000)
    expect(undo(tablet)).to_have_count(0)
    expect(occupied(tablet)).to_contain_text("37 sur 39")


def test_the_offer_waits_for_whoever_reaches_it_by_keyboard(screens: Screens, demo_service: RunningUp) -> None:
    halte = Halte.opened(demo_service, counted=False)
    halte.tell(type="count", pool="halte.women", occupied=36, minutes_ago=10)  # before the tap, by any clock
    tablet = screens.device().new_page()
    tablet.clock.install()
    tablet.goto(halte.tablet)
    tablet.get_by_role("button", name="+1 arrivée").focus()
    tablet.keyboard.press("Enter")
    expect(undo(tablet)).to_be_visible()
    tablet.keyboard.press("Tab")
    tablet.keyboard.press("Tab")
    expect(undo(tablet)).to_be_focused()
    tablet.clock.fast_forward(60_000)
    expect(undo(tablet)).to_be_focused()
    tablet.keyboard.press("Enter")
    expect(undo(tablet)).to_have_count(0)
    expect(tablet.get_by_role("button", name="+1 arrivée")).to_be_focused()
    expect(occupied(tablet)).to_contain_text("36 sur 39")


def test_two_taps_are_taken_back_one_after_the_other(screens: Screens, halte: Halte) -> None:
    tablet = screens.open(halte.tablet)
    tap(tablet)
    expect(undo(tablet)).to_have_accessible_description("+1 arrivée")
    tap(tablet, "−1 départ")
    expect(undo(tablet)).to_have_accessible_description("−1 départ")
    undo(tablet).click()
    expect(undo(tablet)).to_have_accessible_description("+1 arrivée")
    undo(tablet).click()
    expect(undo(tablet)).to_have_count(0)
    expect_outbox(tablet, "en attente", "0")
    expect(occupied(tablet)).to_contain_text("36 sur 39")


def test_each_pool_has_its_own_offer_and_nothing_moves_for_it(screens: Screens, halte: Halte) -> None:
    halte.register(WOMEN, FAMILIES)
    tablet = screens.open(halte.tablet)
    buttons = tablet.get_by_role("button", name="Rien n’a changé")
    expect(buttons).to_have_count(2)
    before = [buttons.nth(each).bounding_box() for each in range(2)]
    tap(tablet)
    expect(undo(tablet)).to_have_count(1)
    expect(undo(tablet)).to_contain_text("femmes seules")
    assert [buttons.nth(each).bounding_box() for each in range(2)] == before


def test_without_a_network_a_tap_that_never_left_leaves_no_trace(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    expect(occupied(tablet)).to_contain_text("36 sur 39")
    device.set_offline(True)
    tap(tablet)  # tried once, in vain: the server may have it
    expect_outbox(tablet, "en attente", "1")
    tap(tablet)  # waits behind it, and was never tried
    expect_outbox(tablet, "en attente", "2")
    undo(tablet).click()
    expect_outbox(tablet, "en attente", "1")
    device.set_offline(False)
    expect(occupied(tablet)).to_contain_text("37 sur 39")
    expect_outbox(tablet, "en attente", "0")
    assert halte.row()["occupied"] == 37


def test_a_tap_whose_answer_was_lost_is_taken_back_exactly(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    taken: list[int] = []

    def lose_the_answers(route: Route) -> None:
        taken.append(route.fetch().status)
        route.abort()

    device.route("**/reports", lose_the_answers)
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    tap(tablet)
    expect(occupied(tablet)).to_contain_text("37 sur 39")
    undo(tablet).click()
    expect_outbox(tablet, "en attente", "2")
    device.unroute("**/reports")
    tablet.evaluate("dispatchEvent(new Event('online'))")
    expect_outbox(tablet, "en attente", "0")
    expect(occupied(tablet)).to_contain_text("36 sur 39")
    assert taken[0] == 200


def test_a_count_between_the_tap_and_its_undo_stays_what_was_counted(screens: Screens, halte: Halte) -> None:
    tablet = screens.open(halte.tablet)
    tap(tablet)
    expect(occupied(tablet)).to_contain_text("37 sur 39")
    halte.tell(type="count", pool="halte.women", occupied=30)
    expect(occupied(tablet)).to_contain_text("30 sur 39")
    undo(tablet).click()
    expect_outbox(tablet, "envoyé", "2")
    assert halte.row()["occupied"] == 30


def test_a_refused_tap_is_undone_by_forgetting_it(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    unanswered(device)
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    tap(tablet)
    expect_outbox(tablet, "en attente", "1")
    refusal = '{"results":[{"id":"%s","outcome":"rejected","problem":{"type":"/problems/not-allowed","title":"no"}}]}'

    def refuse(route: Route) -> None:
        one = route.request.post_data_json["reports"][0]["id"]
        route.fulfill(status=200, content_type="application/json", body=refusal % one)

    device.route("**/reports", refuse)  # goes before the one above, and leaves no moment without any
    tablet.evaluate("dispatchEvent(new Event('online'))")
    expect_outbox(tablet, "refusé", "1")
    undo(tablet).click()
    expect_outbox(tablet, "refusé", "0")
    expect_outbox(tablet, "en attente", "0")
