"""Every sum of the night opens what it is made of."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser_pages.conftest import DESK, Screens
from tests.browser_pages.halte import Halte
from tests.browser_pages.test_every_page import violations

pytestmark = [pytest.mark.browser, pytest.mark.journey]


def call(halte: Halte, women: int, reason: str | None) -> None:
    """A household that calls the 115; without a reason its request stays open."""
    path = f"/v1/territories/{halte.territory}/requests"
    party = {"women": women, "men": 0, "children": 0}
    body = {"id": str(uuid.uuid4()), "party": party, "needs": [], "channel": "115"}
    request = halte.service.send("POST", path, body)["request"]
    if reason is not None:
        outcome = {"id": str(uuid.uuid4()), "outcome": "unmet", "reason": reason}
        halte.service.send("POST", f"{path}/{request['id']}/outcome", outcome)


def parts(desk: Page, sum_: str) -> list[str]:
    """What a sum says that it is made of."""
    desk.get_by_role("region", name="Demandes de la nuit").get_by_role("button", name=f"{sum_} : pourquoi").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert violations(desk) == []
    found = [item.inner_text() for item in dialog.get_by_role("listitem").all()]
    desk.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    return found


def test_each_sum_of_the_night_opens_the_requests_behind_it(screens: Screens, halte: Halte) -> None:
    call(halte, 1, None)
    call(halte, 2, "too_far")
    call(halte, 3, "no_place")
    call(halte, 4, "no_place")
    desk = screens.open(halte.url("/regulation"), DESK)
    night = desk.get_by_role("region", name="Demandes de la nuit")
    expect(night.get_by_role("button", name=re.compile("^4 ?, demandes"))).to_be_visible()
    assert len(parts(desk, "demandes")) == 4
    assert len(parts(desk, "ménages")) == 4
    [waiting] = parts(desk, "ouverte")
    assert "1 femme" in waiting
    assert len(parts(desk, "non pourvues")) == 3
    [far] = parts(desk, "trop loin")
    assert "2 femmes" in far
    assert len(parts(desk, "pas de place")) == 2
    assert parts(desk, "recherche sans réponse") == []
