"""The page of everybody: readable without JavaScript, in words, in several languages, and of public sites only."""

import html
import re
from html.parser import HTMLParser
from importlib.resources import files
from string import Formatter

import pytest

from capacity.board.hours import read_hours
from capacity.vocabulary.public import Room
from capacity.web.public.languages import FROM_RIGHT, LANGUAGES, Speech, catalogue
from tests.world import DAY_MS, HOUR_MS, MINUTE_MS, NOW_MS, report, site

HALTE = {"name": "Halte <b>& Cie</b>", "phone": "01 99 00 12 34", "address": "1 rue de l’Essai, 75010 Paris"}


@pytest.fixture
async def page(client, world):
    """Asks for the page of this test's territory, as anybody would."""
    await world.put(site("halte", "halte.women", opening_hours="Mo-Su 18:00-08:00", **HALTE))

    async def ask(query="", **headers):
        return await client.get(f"/?territory={world.name}{query}", headers=headers)

    return ask


async def told(page, query=""):
    answer = await page(query)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.text))


async def test_the_way_to_the_115_comes_first_and_then_the_sites_in_words(page, world):
    await world.post(report("count", "halte.women", occupied=4))
    world.clock.forward(5 * MINUTE_MS)
    said = await told(page)
    assert said.index("Appeler le 115") < said.index("SMS au") < said.index("Halte <b>& Cie</b>")
    for word in ("Il reste des places", "Femmes", "il y a 5 minutes", "Ouvert, ferme à 08:00", "01 99 00 12 34"):
        assert word in said
    answer = await page()
    assert 'href="tel:115"' in answer.text
    assert 'href="tel:0199001234"' in answer.text
    assert "Halte &lt;b&gt;&amp; Cie&lt;/b&gt;" in answer.text
    assert not re.search(r"<script(?! src=)|<style|style=|\son\w+=|http-equiv", answer.text)


@pytest.mark.parametrize(
    ("occupied", "later_ms", "room"),
    [(10, 0, "full"), (9, 0, "few"), (2, 0, "places"), (2, 7 * HOUR_MS, "ask"), (2, 12 * HOUR_MS, "shut")],
)
async def test_a_number_is_never_told_and_its_age_always_counts(page, world, occupied, later_ms, room):
    await world.post(report("count", "halte.women", occupied=occupied))
    world.clock.forward(later_ms)
    texts = catalogue("fr")
    said = await told(page)
    assert texts[f"room_{room}"] in said
    others = {one for one in Room if one != room} - ({Room.SHUT} if room == "shut" else set())
    assert [one for one in others - {Room.SHUT} if texts[f"room_{one}"] in said] == []


async def test_professional_and_protected_sites_are_nowhere(page, world):
    for visibility in ("professional", "protected"):
        canary = {"name": f"Canary {visibility}", "address": "9 rue Canary, 75020 Paris", "phone": "01 99 00 77 77"}
        await world.put(site(f"canary-{visibility}", f"canary-{visibility}.women", visibility=visibility, **canary))
        await world.post(report("count", f"canary-{visibility}.women", occupied=1))
    world.clock.forward(3_000)
    for lang in LANGUAGES:
        for query in ("", "&need=sleep", "&postcode=75020", "&audience=women"):
            answer = await page(f"&lang={lang}{query}")
            assert not re.search("canary|75020|77 77|Paris 20", answer.text, re.IGNORECASE)
            assert "Halte" in answer.text


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("&need=sleep", True), ("&need=eat", False), ("&audience=women", True), ("&audience=men", False),
        ("&postcode=75010", True), ("&need=sleep&page=900", True),
        ("&need=x&audience=y&postcode=z&page=-1&lang=q", True),
    ],
)  # fmt: skip
async def test_a_filter_leaves_what_answers_it(page, query, is_there):
    said = await told(page, query)
    assert ("Cie" in said) is is_there
    assert ("Aucun lieu connu" in said) is not is_there


async def test_what_is_for_all_adults_answers_women_and_not_minors(page, world):
    await world.put(site("bains", {"id": "bains.all", "audience": "mixed", "unit": "shower"}, name="Bains", kind="esi"))
    world.clock.forward(3_000)
    assert "Bains" in await told(page, "&audience=women&need=shower")
    assert "Bains" not in await told(page, "&audience=minors")


async def test_a_territory_that_does_not_show_itself_tells_the_115_only(page, client, world):
    answer = await client.put(f"/v1/territories/{world.name}/publicity", json={"is_public": False})
    assert answer.status_code == 200
    world.clock.forward(3_000)
    said = await told(page)
    assert "Appeler le 115" in said
    assert "ne sont pas montrées" in said
    assert "Cie" not in said
    assert (await page()).text == (await client.get("/?territory=nowhere")).text


async def test_who_has_the_page_is_not_sent_it_again(page, world):
    first = await page()
    assert first.headers["cache-control"] == "no-cache"
    assert "Cookie" in first.headers["vary"]
    again = await page(**{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await world.post(report("count", "halte.women", occupied=10))
    world.clock.forward(4_000)
    third = await page(**{"if-none-match": first.headers["etag"]})
    assert third.status_code == 200
    assert "Complet" in third.text


async def test_who_brings_a_cookie_sees_the_way_to_the_screens_first(page):
    stranger, staff = await page(), await page(cookie="capacity=whatever")
    assert stranger.text.index("tel:115") < stranger.text.rindex("/ecrans?territory=")
    assert staff.text.index("/ecrans?territory=") < staff.text.index("tel:115")


class Strict(HTMLParser):
    """Knows whether every element that opens is closed in its turn."""

    VOID = ("meta", "link", "br", "img", "input", "hr")

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_language_has_its_own_direction_and_links_to_the_others(page, lang):
    answer = await page(f"&lang={lang}&need=sleep")
    direction = "rtl" if lang in FROM_RIGHT else "ltr"
    assert f'<html lang="{lang}" dir="{direction}">' in answer.text
    assert set(re.findall(r'<link rel="alternate" hreflang="(\w+)"', answer.text)) == set(LANGUAGES)
    assert catalogue(lang)["call_115"] in answer.text
    for path in re.findall(r'href="(/\?[^"]+)" lang="\w+" hreflang', answer.text):
        assert "need=sleep" in path
    assert ('<span lang="fr" dir="ltr">Halte' in answer.text) is (lang != "fr")
    parser = Strict()
    parser.feed(answer.text)
    assert parser.open == []


def test_every_language_says_everything_that_french_says():
    folder = files("capacity.web.public").joinpath("catalogues")
    assert {one.name for one in folder.iterdir()} == {f"{lang}.json" for lang in LANGUAGES}
    for lang in LANGUAGES:
        assert set(catalogue(lang)) == set(catalogue("fr")), lang
        for key, text in catalogue("fr").items():
            other = catalogue(lang)[key]
            assert type(other) is type(text), (lang, key)
            if isinstance(text, list):
                assert len(other) == len(text), (lang, key)
            if isinstance(text, str):
                assert other.strip(), (lang, key)
                assert fields(other) == fields(text), (lang, key)


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_has_its_form_in_every_language(lang):
    speech = Speech(lang, NOW_MS)
    for key in ("age_minutes", "age_hours", "age_days", "found", "see_all"):
        for count in range(1, 300):
            assert speech.counted(key, count)


@pytest.mark.parametrize(
    ("lang", "ago_ms", "said"),
    [
        ("fr", 59_999, "à l’instant"), ("fr", 61_000, "il y a 1 minute"), ("en", 2 * HOUR_MS, "2 hours ago"),
        ("es", 3 * DAY_MS, "hace 3 días"), ("uk", 3 * MINUTE_MS, "3 хвилини тому"),
        ("uk", 11 * MINUTE_MS, "11 хвилин тому"),
        ("ar", 2 * HOUR_MS, "قبل ساعتين"), ("ar", 11 * MINUTE_MS, "قبل 11 دقيقة"), ("ar", 4 * HOUR_MS, "قبل 4 ساعات"),
    ],
)  # fmt: skip
def test_an_age_is_said_as_the_language_counts(lang, ago_ms, said):
    assert Speech(lang, NOW_MS).age(NOW_MS - ago_ms) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("24/7", "Ouvert jour et nuit"),
        ("Mo-Su 18:00-08:00", "Ouvert, ferme à 08:00"),
        ("Mo-Su 09:00-17:00", "Fermé, ouvre demain à 09:00"),
        ("Tu 09:00-17:00", "Fermé, ouvre mardi à 09:00"),
        ("Nov 01-Nov 02", "Fermé"),
        (None, "Horaires à demander par téléphone"),
    ],
)
def test_opening_hours_are_said_as_of_now(text, said):
    assert Speech("fr", NOW_MS).opening(read_hours(text)) == said  # a Sunday, 23:41


async def test_the_statement_of_accessibility_claims_no_more_than_was_checked(client):
    answer = await client.get("/accessibilite")
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    for word in ("Non conforme", "RGAA 4.1.2", "Défenseur des droits", "Aucun audit", "115"):
        assert word in answer.text
    assert "artiellement conforme" not in answer.text


@pytest.mark.parametrize("name", ["style.css", "live.js", "icon.svg"])
async def test_the_files_of_the_page_are_kept_under_the_name_of_today(client, page, name):
    [address] = set(re.findall(rf'"(/public/{name}\?v=\w+)"', (await page()).text))
    today, older = await client.get(address), await client.get(f"/public/{name}?v=older")
    assert "immutable" in today.headers["cache-control"]
    assert older.headers["cache-control"] == "no-cache"
    assert today.content == older.content
    assert len(today.content) < 10_000
