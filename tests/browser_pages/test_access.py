"""Who comes in, and what they then see, on the real service: links, codes, and a place at a protected site."""

import re

import pytest
from playwright.sync_api import Page, expect

from capacity.board.access import Grant
from capacity.processes.engines.postgres import Postgres
from capacity.processes.up import DATABASE
from capacity.vocabulary.roles import Role
from tests.browser_pages.conftest import PHONE, TABLET, TV, Screens
from tests.browser_pages.halte import Halte
from tests.browser_pages.test_every_page import violations
from tests.tokens import made_outside, token_of

CODE = re.compile(r"[A-Z]\d[A-Z]\d-[A-Z]\d[A-Z]\d")
REFUGE = {"name": "Maison du Jardin", "visibility": "protected", "address": "7 rue Cachée, 75011 Paris"}


class Doors:
    """Opens pages as somebody in a role."""

    def __init__(self, screens: Screens, halte: Halte) -> None:
        self._screens = screens
        self._halte = halte

    def open(self, path: str, size: tuple[int, int], role: Role | None, *sites: str) -> Page:
        device = self._screens.device(size, signed_in=False)
        if role is not None:
            database_url = Postgres(self._halte.service.data).url(DATABASE)
            grants = {self._halte.territory: Grant(role, frozenset(sites))}
            token = made_outside(lambda: token_of(database_url, grants))
            device.add_cookies([{"name": "capacity", "value": token, "domain": "127.0.0.1", "path": "/"}])
        page = device.new_page()
        page.goto(self._halte.url(path))
        return page


@pytest.fixture
def doors(screens: Screens, halte: Halte) -> Doors:
    return Doors(screens, halte)


def test_a_wall_is_linked_by_a_code_that_an_operator_accepts(doors: Doors, halte: Halte) -> None:
    wall = doors.open("/mur", TV, None)
    wall.get_by_role("link", name="Relier cet écran").click()
    code = wall.get_by_text(CODE).first
    expect(code).to_be_visible()
    assert wall.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert violations(wall) == []
    desk = doors.open("/appareil", PHONE, Role.OPERATOR)
    desk.get_by_label("Code montré par l’écran").fill(code.inner_text())
    desk.get_by_role("button", name="Voir qui demande").click()
    desk.get_by_label("Nom de l’appareil").fill("Télé de la salle")
    assert violations(desk) == []
    desk.get_by_role("button", name="Accepter", exact=True).click()
    expect(desk.get_by_role("heading", name="Accepté")).to_be_visible()
    expect(wall.locator("[data-pool='halte.women']")).to_be_visible(timeout=15_000)
    [device] = halte.service.get(f"/v1/territories/{halte.territory}/devices")["devices"][:1]
    assert (device["label"], device["role"]) == ("Télé de la salle", "wall")


@pytest.mark.parametrize(
    ("path", "role", "sites"),
    [("/regulation", Role.WALL, ()), ("/admin", Role.OPERATOR, ()), ("/halte/halte", Role.STAFF, ("other",))],
)
def test_a_screen_of_others_says_so_and_shows_the_way_to_ones_own(
    doors: Doors, path: str, role: Role, sites: tuple[str, ...]
) -> None:
    page = doors.open(path, TABLET, role, *sites)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[data-pool='halte.women']")).to_have_count(0)
    assert violations(page) == []


def test_a_team_waits_for_a_protected_site_and_then_sees_its_address(doors: Doors, halte: Halte) -> None:
    pool = {"id": "halte.women", "unit": "place", "audience": "women", "capacity": 39, "fresh_for": 3600}
    halte.register(pool, **REFUGE)
    phone = doors.open("/maraude", PHONE, Role.MARAUDE)
    tablet = doors.open("/halte/halte", TABLET, Role.STAFF, "halte")
    phone.get_by_role("button", name="femme : un de plus").click()
    expect(phone.get_by_text("Site protégé").first).to_be_visible()
    assert "Jardin" not in phone.content()
    assert violations(phone) == []
    phone.get_by_role("button", name=re.compile("Demander 45 min")).click()
    expect(phone.get_by_text("n’y allez pas encore").first).to_be_visible()
    tablet.get_by_role("button", name="Accepter").first.click()
    phone.get_by_role("button", name="Voir l’adresse").click()
    expect(phone.get_by_text("7 rue Cachée")).to_be_visible()
    stored = phone.evaluate("JSON.stringify(Object.entries(localStorage))")
    assert "Cachée" not in stored
    assert "Jardin" not in stored
