"""The server dies after the live store has written and before it answers: the page resends by id and tells the truth.

The other tests of lost answers take the answer from the page; here nobody ever had one.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.valkey import Valkey
from tests.browser_pages.conftest import DESK, PHONE, Screens, screens_on
from tests.browser_pages.dying import DyingService
from tests.browser_pages.halte import Halte
from tests.browser_pages.test_outbox import arrive, wake
from tests.browser_pages.test_phone_holds import card, hold_button, looking
from tests.browser_pages.test_regulation import at_desk
from tests.browser_pages.test_tablet import expect_outbox, occupied

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.crash]

REPORT, HOLD = rb"reports?_v\d", rb"hold_create_v\d"


@pytest.fixture(scope="module")
def service(valkey: Valkey, postgres: Postgres) -> Iterator[DyingService]:
    service = DyingService(valkey, postgres)
    yield service
    service.end()


@pytest.fixture
def halte(service: DyingService) -> Halte:
    return Halte.opened(service)


@pytest.fixture
def screens(chromium: Browser, service: DyingService) -> Iterator[Screens]:
    with screens_on(chromium, service) as screens:
        yield screens


def test_a_tap_is_counted_once_and_in_the_end_said_to_be_sent(
    screens: Screens, halte: Halte, service: DyingService
) -> None:
    tablet = screens.open(halte.tablet)
    expect(occupied(tablet)).to_contain_text("36 sur 39")
    service.dies_at_the_reply_to(REPORT)
    arrive(tablet)
    service.until_dead()
    assert service.kept(halte.territory, "movement") == 1
    expect_outbox(tablet, "en attente", "1")
    expect_outbox(tablet, "envoyé", "0")
    service.start()
    wake(tablet)
    expect_outbox(tablet, "envoyé", "1")
    expect_outbox(tablet, "en attente", "0")
    expect(occupied(tablet)).to_contain_text("37 sur 39")
    assert halte.row()["occupied"] == 37
    assert service.kept(halte.territory, "movement") == 1


def test_a_phone_holds_once_and_shows_no_code_before_it_knows(
    screens: Screens, halte: Halte, service: DyingService
) -> None:
    phone = looking(screens.device(PHONE), halte)
    service.dies_at_the_reply_to(HOLD)
    hold_button(phone).click()
    service.until_dead()
    assert service.kept(halte.territory, "hold_created") == 1
    expect(card(phone)).to_contain_text("Pas encore tenu")
    service.start()
    wake(phone)
    expect(card(phone)).to_contain_text("À dire à la porte")
    [hold] = halte.holds()
    expect(card(phone)).to_contain_text(hold["code"])
    assert halte.row()["held"] == 2
    assert service.kept(halte.territory, "hold_created") == 1


def test_a_desk_holds_once_and_shows_no_code_before_it_knows(
    screens: Screens, halte: Halte, service: DyingService
) -> None:
    desk = at_desk(screens.device(DESK), halte)
    desk.search("1f")
    service.dies_at_the_reply_to(HOLD)
    desk.press("Enter")
    service.until_dead()
    assert service.kept(halte.territory, "hold_created") == 1
    expect(desk.page.get_by_text("En attente de réponse, pas encore tenu").first).to_be_visible()
    expect(desk.granted).to_have_count(0)
    service.start()
    expect(desk.granted).to_contain_text("À dire à la porte")
    [hold] = halte.holds()
    expect(desk.granted).to_contain_text(hold["code"])
    assert halte.row()["held"] == 1
    assert service.kept(halte.territory, "hold_created") == 1
