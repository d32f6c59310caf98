"""What the terminal shows, and that it follows a real feed."""

import asyncio
import io

import pytest
from rich.console import Console

from capacity.commands import watch_holds
from capacity.commands.mirror import Mirror
from capacity.commands.service import ms_of
from capacity.commands.watch import Watcher, screen
from capacity.commands.watch_holds import Promises, holds_table, left_words
from capacity.commands.watch_view import Known, Link, View, age_words, board_table, free_words, link_line, plain_line
from capacity.errors import ServiceRefused, ServiceUnreachable
from capacity.vocabulary.words import Audience, Channel, Unit
from tests.commands.test_mirror import row
from tests.world import MINUTE_MS, NOW_MS, new_id, report, rfc3339, site


def hold():
    return {
        "id": "h", "code": "K7Q2", "channel": "maraude", "lines": [{"pool": "a.women", "places": 3}],
        "expires_at": rfc3339(NOW_MS + 754_000), "party": {"women": 1, "men": 0, "children": 2},
    }  # fmt: skip


KNOWN = {"a.women": Known("Halte de la Gare", Unit.PLACE, Audience.WOMEN)}


def printed(what, width=110):
    console = Console(file=io.StringIO(), width=width)
    console.print(what)
    return console.file.getvalue()


def shown(rows, most=10, width=110):
    return printed(board_table({each["pool"]: each for each in rows}, KNOWN, NOW_MS, View(most, width)), width)


def holds_shown(holds, most=10):
    return printed(holds_table(holds, {"a.women": "Halte de la Gare"}, NOW_MS, most))


def test_a_row_shows_its_names_figures_state_and_age():
    text = shown([row("a.women", 3)])
    for word in ("Halte de la Gare", "femmes", "places", " 3 ", "pour 115", "7/10", "ouvert", "● il y a 30 min"):
        assert word in text


def test_a_narrow_terminal_keeps_the_names_and_what_is_free():
    text = shown([row("a.women", 3, status="closed")], width=80)
    for word in ("Halte de la Gare", "femmes", "places", "–", "pour 115", "● il y a 30 min"):
        assert word in text
    assert "occupées" not in text


def test_what_does_not_fit_is_counted():
    assert "et 3 autres" in shown([row(f"p{number}", 1) for number in range(5)], most=2)


@pytest.mark.parametrize(
    ("each", "words"),
    [
        (row("p", 3), "3"),
        (row("p", 3, hours_old=3), "3"),
        (row("p", 3, hours_old=7), "3 ?"),
        (row("p", 3, hours_old=None), "?"),
        (row("p", 0, over=2), "0 (+2)"),
        (row("p", 0, status="suspended"), "–"),
    ],
)
def test_doubtful_places_are_never_plainly_free(each, words):
    assert free_words(each, NOW_MS) == words


@pytest.mark.parametrize(
    ("hours", "words"),
    [(None, "aucune remontée"), (0, "à l’instant"), (0.2, "il y a 12 min"), (3.1, "il y a 3 h 06"), (50, "il y a 2 j")],
)
def test_ages_are_said_in_words(hours, words):
    assert age_words(row("p", 0, hours_old=hours), NOW_MS) == words


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (Link(None), "connexion…"),
        (Link(NOW_MS - 9_000), "● en direct"),
        (Link(NOW_MS - 11_000), "Serveur muet depuis 11 s : données figées"),
        (Link(NOW_MS - 4_000, NOW_MS - 1_000), "Connexion perdue : données d’il y a 4 s"),
        (Link(None, NOW_MS), "Pas de connexion : rien n’a encore été reçu"),
    ],
)
def test_the_connection_is_green_only_while_the_service_speaks(link, words):
    assert link_line(link, NOW_MS).plain == words


def test_what_is_held_and_what_is_left_for_a_channel_stand_beside_the_free_places():
    kept = [{"channel": "maraude", "places": 3, "until": rfc3339(NOW_MS + 1), "held": 1}]
    each = {**row("a.women", 3), "held": 1, "contingents": kept}
    assert plain_line(each, KNOWN, NOW_MS, Channel.THE_115).split("\t")[3:6] == ["3", "1", "1"]
    assert plain_line(each, KNOWN, NOW_MS, Channel.MARAUDE).split("\t")[3:6] == ["3", "3", "1"]
    assert plain_line(each, KNOWN, NOW_MS + 1, Channel.THE_115).split("\t")[3:6] == ["3", "3", "1"], "its hour is over"


def test_a_hold_shows_its_code_who_is_awaited_and_how_long_still():
    text = holds_shown([hold()])
    for word in ("K7Q2", "Halte de la Gare", " 3 ", "1 femme, 2 enfants", "maraude", "12:34"):
        assert word in text


def test_holds_that_do_not_fit_are_counted():
    assert "et 2 autres" in holds_shown([hold()] * 4, most=2)


@pytest.mark.parametrize(
    ("left_ms", "words"),
    [
        (1, "0:01"),
        (60_000, "1:00"),
        (3_599_999, "1 h 00"),
        (7_500_000, "2 h 05"),
        (0, "terminé ?"),
        (-5_000, "terminé ?"),
    ],
)
def test_that_a_hold_is_over_is_asked_and_not_said(left_ms, words):
    assert left_words(NOW_MS + left_ms, NOW_MS) == words


def test_the_screen_has_the_holds_below_the_board_where_there_is_room():
    watcher = Watcher("http://127.0.0.1:9", "75", clock=lambda: NOW_MS, known=KNOWN)
    watcher.mirror.rows = {"a.women": row("a.women", 3)}
    promises = Promises(watcher.url, "75", [hold()] * 5)
    assert "K7Q2" in printed(screen(watcher, promises, Channel.THE_115, 110, 40))
    assert "5 orientations" in printed(screen(watcher, promises, Channel.THE_115, 110, 40))
    assert "K7Q2" not in printed(screen(watcher, promises, Channel.THE_115, 110, 12))
    for height in (12, 24, 40, 60):
        watcher.mirror.rows = {f"p{number}": row(f"p{number}", 1) for number in range(100)}
        many = Promises(watcher.url, "75", [{**hold(), "lines": [{"pool": "p1", "places": 1}]}] * 50)
        assert len(printed(screen(watcher, many, Channel.THE_115, 110, height)).splitlines()) <= height


def test_only_the_holds_of_the_pools_that_are_watched_are_shown():
    watcher = Watcher("http://127.0.0.1:9", "75", Audience.MEN, clock=lambda: NOW_MS, known=KNOWN)
    watcher.mirror.rows = {"a.women": row("a.women", 3)}
    promises = Promises(watcher.url, "75", [hold()])
    assert "0 orientations" in printed(screen(watcher, promises, Channel.THE_115, 110, 40))


def test_a_pipe_gets_one_line_a_row():
    assert (
        plain_line(row("a.women", 3), KNOWN, NOW_MS) == "a.women\tfemmes\tplaces\t3\t3\t\t7/10\touvert\t● il y a 30 min"
    )


@pytest.fixture
async def following(world, served):
    """A watcher on the real feed of a halte with one pool for women and one for men, and the rows it is told."""
    await world.put(site("halte", "halte.women", {"id": "halte.men", "audience": "men"}))
    watcher, told = Watcher(served.url, world.name, clock=world.clock), asyncio.Queue()
    task = asyncio.create_task(watcher.follow(told.put_nowait))
    yield watcher, told
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def next_rows(told):
    while not (rows := await asyncio.wait_for(told.get(), 5)):
        pass
    return {each["pool"]: each for each in rows}


async def test_the_first_picture_and_each_change_arrive(following, world):
    watcher, told = following
    assert set(await next_rows(told)) == {"halte.women", "halte.men"}
    await world.post(report("count", "halte.women", occupied=4))
    changed = await next_rows(told)
    assert changed["halte.women"]["free"] == 6
    assert watcher.rows()["halte.women"]["free"] == 6
    assert watcher.known["halte.women"].site_name == "Halte"
    assert watcher.link == Link(world.clock())


async def test_a_lost_connection_is_said_and_the_picture_stays(following, served):
    watcher, told = following
    await next_rows(told)
    await served.stop()
    async with asyncio.timeout(5):
        while watcher.link.lost_ms is None:
            await asyncio.sleep(0.01)
    assert set(watcher.rows()) == {"halte.women", "halte.men"}


async def test_the_holds_are_asked_anew_when_what_is_held_has_changed(following, world, http, served, monkeypatch):
    monkeypatch.setattr(watch_holds, "AT_MOST_EVERY_SECONDS", 0)
    watcher, told = following
    await next_rows(told)
    promises = Promises(served.url, world.name)
    watcher.on_held = promises.changed.set
    asking = asyncio.create_task(promises.follow())
    try:
        body = {"id": new_id(), "lines": [{"pool": "halte.women", "places": 2}], "minutes": 45}
        held = (await http.post(f"/v1/territories/{world.name}/holds", json=body)).json()["hold"]
        await until(lambda: promises.holds)
        assert promises.holds[0]["code"] == held["code"]
        assert ms_of(promises.holds[0]["expires_at"]) == world.clock() + 45 * MINUTE_MS
        assert watcher.rows()["halte.women"]["held"] == 2
        release = {"id": new_id(), "reason": "cancelled"}
        await http.post(f"/v1/territories/{world.name}/holds/{held['id']}/release", json=release)
        await until(lambda: not promises.holds)
        await served.stop()
        promises.changed.set()
        await until(lambda: watcher.link.lost_ms is not None)
        assert not asking.done()
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def until(claim):
    async with asyncio.timeout(10):
        while not claim():
            await asyncio.sleep(0.01)


async def test_it_resumes_where_it_was(world, served):
    await world.put(site("halte", "halte.women"))
    first = Watcher(served.url, world.name, clock=world.clock)
    await until_told(first)
    await world.post(report("count", "halte.women", occupied=4))
    second = Watcher(served.url, world.name, clock=world.clock, mirror=first.mirror)
    assert [each["occupied"] for each in await until_told(second)] == [4], "only what changed since"


async def test_only_the_audience_that_was_asked_for_is_shown(world, served):
    await world.put(site("halte", "halte.women", {"id": "halte.men", "audience": "men"}))
    watcher = Watcher(served.url, world.name, Audience.MEN, world.clock)
    assert [each["pool"] for each in await until_told(watcher)] == ["halte.men"]
    assert set(watcher.rows()) == {"halte.men"}


async def test_a_territory_that_there_is_not_is_refused(served):
    with pytest.raises(ServiceRefused):
        await Watcher(served.url, "nowhere").follow(lambda _: None)


async def test_who_never_answered_is_not_waited_for():
    with pytest.raises(ServiceUnreachable):
        await Watcher("http://127.0.0.1:9", "75", mirror=Mirror()).follow(lambda _: None)


async def until_told(watcher):
    """The rows of the first message that has any."""
    told = asyncio.Queue()
    task = asyncio.create_task(watcher.follow(told.put_nowait))
    try:
        return list((await next_rows(told)).values())
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
