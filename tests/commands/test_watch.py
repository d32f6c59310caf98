"""What the terminal shows, and that it follows a real feed."""

import asyncio
import io

import pytest
from rich.console import Console

from capacity.commands.mirror import Mirror
from capacity.commands.watch import Watcher
from capacity.commands.watch_view import Known, Link, age_words, board_table, free_words, link_line, plain_line
from capacity.errors import ServiceRefused, ServiceUnreachable
from capacity.vocabulary.words import Audience, Unit
from tests.commands.test_mirror import row
from tests.world import NOW_MS, report, site

KNOWN = {"a.women": Known("Halte de la Gare", Unit.PLACE, Audience.WOMEN)}


def shown(rows, most=10):
    console = Console(file=io.StringIO(), width=110)
    console.print(board_table({each["pool"]: each for each in rows}, KNOWN, NOW_MS, most))
    return console.file.getvalue()


def test_a_row_shows_its_names_figures_state_and_age():
    text = shown([row("a.women", 3)])
    for word in ("Halte de la Gare", "femmes", "places", " 3 ", "7/10", "ouvert", "● il y a 30 min"):
        assert word in text


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


def test_a_pipe_gets_one_line_a_row():
    assert plain_line(row("a.women", 3), KNOWN, NOW_MS) == "a.women\tfemmes\tplaces\t3\t7/10\touvert\t● il y a 30 min"


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
