"""What a night asks of a tablet: a question at its hours, extra places, no more arrivals, a screen that stays on."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser_pages.conftest import DESK, PHONE, TABLET, Screens
from tests.browser_pages.halte import FAMILIES, WOMEN, Halte
from tests.browser_pages.test_every_page import violations
from tests.browser_pages.test_tablet import expect_outbox, occupied, unanswered
from tests.whole_service import RunningUp

pytestmark = [pytest.mark.browser, pytest.mark.journey]

PARIS = ZoneInfo("Europe/Paris")


def hour(minutes_ago: float) -> str:
    return (datetime.now(PARIS) - timedelta(minutes=minutes_ago)).strftime("%H:%M")


def asked(page: Page) -> Locator:
    return page.get_by_role("region", name="combien sont là ?")


@pytest.fixture
def quiet(demo_service: RunningUp) -> Halte:
    """A halte of two pools that asks since a minute ago; one was told of two hours ago, the other just now."""
    halte = Halte.opened(demo_service, counted=False)
    halte.register(WOMEN, FAMILIES, reminder_hours=[hour(1)])
    halte.tell(type="count", pool="halte.women", occupied=36, minutes_ago=120)
    halte.tell(type="count", pool="halte.families", occupied=4)
    return halte


def test_at_its_hour_the_tablet_asks_and_one_tap_answers(screens: Screens, quiet: Halte) -> None:
    tablet = screens.open(quiet.tablet)
    expect(asked(tablet).get_by_role("heading")).to_contain_text(" : combien sont là ?")
    expect(asked(tablet).get_by_role("listitem")).to_have_count(1)
    expect(asked(tablet)).to_contain_text("femmes seules : 36 occupées, il y a 2 h")
    asked(tablet).get_by_role("button", name="Rien n’a changé").click()
    expect(asked(tablet)).to_have_count(0)
    expect_outbox(tablet, "envoyé", "1")
    observed = datetime.fromisoformat(quiet.row()["observed_at"])
    assert datetime.now(UTC) - observed < timedelta(minutes=1)


def test_the_question_is_also_answered_by_counting(screens: Screens, quiet: Halte) -> None:
    tablet = screens.open(quiet.tablet)
    asked(tablet).get_by_role("button", name="Compter").click()
    for name in ("3", "1", "Enregistrer"):
        tablet.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    expect(asked(tablet)).to_have_count(0)
    expect(occupied(tablet)).to_contain_text("31 sur 39")


def test_an_answer_that_still_waits_is_an_answer(screens: Screens, quiet: Halte) -> None:
    device = screens.device()
    unanswered(device)
    tablet = device.new_page()
    tablet.goto(quiet.tablet)
    asked(tablet).get_by_role("button", name="Rien n’a changé").click()
    expect_outbox(tablet, "en attente", "1")
    expect(asked(tablet)).to_have_count(0)


def test_the_question_can_be_put_off_and_comes_back(screens: Screens, quiet: Halte) -> None:
    tablet = screens.device().new_page()
    tablet.clock.install()
    tablet.goto(quiet.tablet)
    asked(tablet).get_by_role("button", name="Plus tard").click()
    expect(asked(tablet)).to_have_count(0)
    tablet.clock.fast_forward(16 * 60_000)
    expect(asked(tablet)).to_be_visible()


def test_nothing_is_asked_before_the_hour_nor_where_no_hour_was_chosen(
    screens: Screens, demo_service: RunningUp
) -> None:
    halte = Halte.opened(demo_service, counted=False)
    halte.register(WOMEN, reminder_hours=[hour(-30)])
    tablet = screens.open(halte.tablet)
    expect(tablet.get_by_text(f"« combien sont là ? » à {hour(-30)}")).to_be_visible()
    expect(asked(tablet)).to_have_count(0)
    halte.register(WOMEN)
    tablet.reload()
    expect(tablet.get_by_role("button", name="+1 arrivée")).to_be_visible()
    expect(tablet.get_by_text("combien sont là")).to_have_count(0)


def test_the_tablet_is_silent_until_somebody_wants_to_hear_it(screens: Screens, quiet: Halte) -> None:
    device = screens.device()
    device.add_init_script(
        "globalThis.notes = 0; const Note = OscillatorNode;"
        "globalThis.OscillatorNode = class extends Note { start(at) { notes += 1; super.start(at); } };"
    )
    tablet = device.new_page()
    tablet.goto(quiet.tablet)
    expect(asked(tablet)).to_be_visible()
    assert tablet.evaluate("notes") == 0
    sound = tablet.get_by_role("button", name="Son :")
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")
    assert tablet.evaluate("notes") == 2
    tablet.reload()
    expect(sound).to_have_attribute("aria-pressed", "true")
    expect(asked(tablet)).to_be_visible()
    assert tablet.evaluate("notes") == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [TABLET, DESK, PHONE])
def test_axe_finds_nothing_while_it_asks(screens: Screens, quiet: Halte, size: tuple[int, int], scheme: str) -> None:
    quiet.hold()
    tablet = screens.open(quiet.tablet, size, color_scheme=scheme)
    expect(asked(tablet)).to_be_visible()
    tablet.get_by_role("button", name="+1 arrivée").click()
    expect(tablet.get_by_role("button", name="Annuler")).to_be_visible()
    assert violations(tablet) == []
    assert tablet.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_places_of_the_cold_plan_are_told_apart_and_gone_when_it_ends(screens: Screens, halte: Halte) -> None:
    tablet = screens.open(halte.tablet)
    tablet.get_by_role("button", name="Plan grand froid").click()
    dialog = tablet.get_by_role("dialog")
    expect(dialog).to_contain_text("à présent 0, en plus de 39 places")
    for name in ("1", "0"):
        dialog.get_by_role("button", name=name, exact=True).click()
    expect(dialog).to_contain_text("49 en tout avec elles")
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(tablet.get_by_role("button", name="exceptionnelles")).to_contain_text("+10")
    expect(occupied(tablet)).to_contain_text("36 sur 49")
    row = halte.row()
    assert (row["capacity"], row["extra"], row["free"]) == (39, 10, 13)
    tablet.get_by_role("button", name="Plan grand froid").click()
    for name in ("0", "Enregistrer"):
        dialog.get_by_role("button", name=name, exact=True).click()
    expect(occupied(tablet)).to_contain_text("36 sur 39")
    assert halte.row()["extra"] == 0


def test_a_halte_that_takes_nobody_more_keeps_those_inside(screens: Screens, halte: Halte) -> None:
    tablet = screens.open(halte.tablet)
    tablet.get_by_role("button", name="État").click()
    tablet.get_by_role("button", name="n’accueille plus ce soir, les présents restent").click()
    expect(tablet.locator(".free strong")).to_have_text("plus d’arrivées")
    row = halte.row()
    assert (row["status"], row["occupied"], row["free"]) == ("draining", 36, 0)


def test_a_suspension_is_told_with_its_end(screens: Screens, halte: Halte) -> None:
    tablet = screens.open(halte.tablet, timezone_id="Europe/Paris")
    tablet.get_by_role("button", name="État").click()
    tablet.get_by_role("button", name="suspendu").click()
    end = datetime.now(PARIS).replace(second=0, microsecond=0) + timedelta(hours=5)
    tablet.get_by_label("Raison").select_option("heating")
    tablet.get_by_label("Jusqu’à").fill(end.strftime("%Y-%m-%dT%H:%M"))
    with tablet.expect_request("**/reports") as sent:
        tablet.get_by_role("button", name="Suspendre").click()
    [report] = sent.value.post_data_json["reports"]
    assert (report["status"], report["reason"]) == ("suspended", "heating")
    assert datetime.fromisoformat(report["until"]) == end
    expect(tablet.locator(".free strong")).to_have_text("suspendu")


def test_the_screen_stays_on_and_is_asked_to_again_at_each_return(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    device.grant_permissions(["screen-wake-lock"])
    device.add_init_script(
        "globalThis.locks = []; if (globalThis.isSecureContext) { const ask = WakeLock.prototype.request;"
        "WakeLock.prototype.request = async function (kind) {"
        " const lock = await ask.call(this, kind); locks.push(lock);"
        " document.documentElement.dataset.locks = locks.length; return lock; }; }"
    )
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    root = tablet.locator("html")
    expect(root).to_have_attribute("data-locks", "1")
    assert not tablet.evaluate("locks[0].released")
    # The browser lets go of it when the page is hidden; here we do, since a page of a test is never hidden.
    tablet.evaluate("locks[0].release()")
    tablet.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(root).to_have_attribute("data-locks", "2")
    assert not tablet.evaluate("locks[1].released")
    tablet.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert tablet.evaluate("locks.length") == 2
