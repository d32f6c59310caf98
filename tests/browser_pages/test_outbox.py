"""The outbox is honest: five words, always there; a closed door, a crash, a week without network lose nothing."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser_pages.conftest import PHONE, TABLET, Screens
from tests.browser_pages.halte import Halte
from tests.browser_pages.test_every_page import violations
from tests.browser_pages.test_tablet import expect_outbox, occupied, unanswered

pytestmark = [pytest.mark.browser, pytest.mark.journey]

WORDS = ("Envoyé", "Envoi en cours", "En attente", "Conflit", "Refusé")


def arrive(page: Page) -> None:
    page.get_by_role("button", name="+1 arrivée").click()


def wake(page: Page) -> None:
    page.evaluate("dispatchEvent(new Event('online'))")


@pytest.mark.parametrize("size", [TABLET, PHONE])
def test_the_five_words_are_there_before_anything_was_said(
    screens: Screens, halte: Halte, size: tuple[int, int]
) -> None:
    tablet = screens.open(halte.tablet, size)
    cells = tablet.get_by_label("Envois de cette tablette").get_by_role("listitem")
    expect(cells).to_have_count(5)
    for cell, word in zip(cells.all(), WORDS, strict=True):
        expect(cell).to_contain_text(word)
        expect(cell.locator("strong")).to_have_text("0")
        expect(cell).to_be_in_viewport(ratio=1)


def test_what_is_on_its_way_is_not_said_to_be_sent(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    held: list[Route] = []

    def hold_it(route: Route) -> None:
        held.append(route)

    device.route("**/reports", hold_it)
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    arrive(tablet)
    expect_outbox(tablet, "envoi en cours", "1")
    expect_outbox(tablet, "envoyé", "0")
    expect_outbox(tablet, "en attente", "0")
    held[0].continue_()
    expect_outbox(tablet, "envoi en cours", "0")
    expect_outbox(tablet, "envoyé", "1")


def test_a_closed_door_keeps_everything_and_asks_to_sign_in(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    expect(occupied(tablet)).to_contain_text("36 sur 39")
    device.clear_cookies()
    arrive(tablet)
    expect(tablet.locator("[data-door]")).to_be_visible()
    assert halte.row()["occupied"] == 36
    device.add_cookies([halte.service.cookie()])
    tablet.reload()
    expect(occupied(tablet)).to_contain_text("37 sur 39")
    expect_outbox(tablet, "en attente", "0")
    assert halte.row()["occupied"] == 37


def test_what_waits_survives_the_death_of_its_page(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    unanswered(device)
    tablet = device.new_page()
    tablet.goto(halte.tablet)
    arrive(tablet)
    expect_outbox(tablet, "en attente", "1")
    with tablet.expect_event("crash"), suppress(Error):  # whoever asks for it hears nothing back
        tablet.goto("chrome://crash")
    tablet.close()
    device.unroute("**/reports")
    again = device.new_page()
    again.goto(halte.tablet)
    expect(occupied(again)).to_contain_text("37 sur 39")
    expect_outbox(again, "en attente", "0")


def test_a_week_without_a_network_is_refused_with_what_to_do(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    unanswered(device)
    tablet = device.new_page()
    tablet.clock.install(time=datetime.now(UTC) - timedelta(days=8))
    tablet.goto(halte.tablet)
    arrive(tablet)
    expect_outbox(tablet, "en attente", "1")
    tablet.clock.set_system_time(datetime.now(UTC))
    tablet.close()
    device.unroute("**/reports")
    later = device.new_page()
    later.goto(halte.tablet)
    expect_outbox(later, "refusé", "1")
    refused = later.get_by_role("list", name="Refusés par le serveur")
    expect(refused).to_contain_text("+1 arrivée")
    expect(refused).to_contain_text("trop ancien : plus de sept jours")
    expect(refused).to_contain_text("comptez, et enregistrez le nombre de maintenant")
    assert halte.row()["occupied"] == 36
    refused.get_by_role("button", name="Compris").click()
    expect_outbox(later, "refusé", "0")


def test_six_days_without_a_network_are_sent_each_at_its_moment(screens: Screens, halte: Halte) -> None:
    device = screens.device()
    unanswered(device)
    tablet = device.new_page()
    tablet.clock.install(time=datetime.now(UTC) - timedelta(days=6))
    tablet.goto(halte.tablet)
    arrive(tablet)
    expect_outbox(tablet, "en attente", "1")
    tablet.clock.set_system_time(datetime.now(UTC))
    tablet.close()
    device.unroute("**/reports")
    later = device.new_page()
    later.goto(halte.tablet)
    expect_outbox(later, "envoyé", "1")
    expect_outbox(later, "en attente", "0")
    assert halte.row()["occupied"] == 36  # somebody has counted since
    ledger = halte.service.get(f"/v1/territories/{halte.territory}/ledger?after=0&limit=100")
    [late] = [one for one in ledger["commands"] if one["type"] == "movement"]
    assert late["outcome"] == "late"


def test_what_waits_for_long_can_be_carried_away_as_a_file(screens: Screens, halte: Halte, tmp_path: Path) -> None:
    device = screens.device(accept_downloads=True)
    unanswered(device)
    tablet = device.new_page()
    tablet.clock.install()
    tablet.goto(halte.tablet)
    arrive(tablet)
    expect_outbox(tablet, "en attente", "1")
    copy = tablet.get_by_role("button", name="en garder une copie dans un fichier")
    expect(copy).to_have_count(0)
    tablet.clock.fast_forward(11 * 60_000)
    with tablet.expect_download() as saved:
        copy.click()
    assert violations(tablet) == []
    file = tmp_path / "copy.json"
    saved.value.save_as(file)
    assert saved.value.suggested_filename.startswith(f"capacity-{halte.territory}-")
    body = json.loads(file.read_text())
    halte.tell(type="count", pool="halte.women", occupied=20, minutes_ago=30)
    taken = halte.service.send("POST", f"/v1/territories/{halte.territory}/reports", body)
    assert [one["outcome"] for one in taken["results"]] == ["applied"]
    # The tablet finds its way back by itself, and the tap still counts once.
    occupied_then = halte.row()["occupied"]
    device.unroute("**/reports")
    wake(tablet)
    expect_outbox(tablet, "en attente", "0")
    assert halte.row()["occupied"] == occupied_then


def test_two_tablets_against_each_other_each_learns_what_the_other_did(screens: Screens, halte: Halte) -> None:
    one, other = screens.device(), screens.device()
    unanswered(one)
    first, second = one.new_page(), other.new_page()
    for page in (first, second):
        page.goto(halte.tablet)
        expect(occupied(page)).to_contain_text("36 sur 39")
    first.get_by_role("button", name="Rien n’a changé").click()
    expect_outbox(first, "en attente", "1")
    for name in ("Compter", "3", "8", "Enregistrer"):
        second.get_by_role("button", name=name, exact=True).click()
    expect(occupied(first)).to_contain_text("38 sur 39")
    one.unroute("**/reports")
    wake(first)
    expect_outbox(first, "conflit", "1")
    conflict = first.get_by_role("region", name="Conflit")
    expect(conflict).to_contain_text("quelqu’un a changé ces chiffres entre-temps, à ")
    expect(conflict).to_contain_text("occupées : 36 38")
    assert violations(first) == []
    conflict.get_by_role("button", name="Oui, c’est juste").click()
    expect_outbox(first, "conflit", "0")
    expect_outbox(first, "envoyé", "1")


def test_taps_on_two_tablets_add_up(screens: Screens, halte: Halte) -> None:
    pages = [screens.open(halte.tablet) for _ in range(2)]
    for page in pages:
        arrive(page)
    for page in pages:
        expect(occupied(page)).to_contain_text("38 sur 39")
        expect_outbox(page, "conflit", "0")
