"""`python -m benchmarks.pages painting`: how fast a slow phone paints a board of 400 rows, and what changes on it.

The page is the maraude's, whose list is the longest: the wall shows four lines, the desk what fits a household, a
tablet its own site. The board is that of a winter night: 30 pools have room, 370 are full and lie folded under them.
Ours draws what is folded when somebody unfolds it, and the first 30 of it; the peer draws all 400 at once. Then 20 more
get room, and the reader unfolds and taps "Montrer la suite" until all 400 rows are laid out. Nobody needs that, and so
it is the most that a change can cost. What changes is at the top of the screen.

Its peer is the list of `plain/`, by hand for this one purpose: an element for each pool, kept by its id, with the same
facts, the same order, the same folding and the same CSS for what is off the screen; no framework, no choice of
household, no marks of freshness, nothing kept, no reconnection. Both come from the same server and read the same sites
and the same feed.

In each round a device that was never here opens ours, then another one the peer, main thread six times as slow. First
rows: from the navigation until the frame with the 30 that have room is painted. A change: from the arrival of its
message in the page to the same of its number, after a quiet while. Ours paints a change that comes within 300 ms of
the last one together with whatever follows, to spare eyes and battery; what that adds is told by itself.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import cycle

from playwright.sync_api import Browser, Page

from benchmarks import bed, figures
from benchmarks.bed import Bed
from benchmarks.figures import Figure, ratios
from benchmarks.pages import chromium, city

ROUNDS = 7
CHANGES = 7
AT_ONCE, ROOM_AT_FIRST = 50, 30
SLOWER = 6
PHONE = (360, 740)
QUIET_MS = 1_500
FIRST_MOST_MS, ONE_MOST_MS, MANY_MOST_MS, MOST_RATIO = 1500, 150, 250, 1.2
FIRST_ROWS = f"""
const titles = document.getElementsByTagName("h3");
window.firstRows = probe.painted(() => titles.length >= {ROOM_AT_FIRST});
"""
ALL_HAVE_ROOM = f"() => document.querySelectorAll('[aria-labelledby=free] li').length === {AT_ONCE}"
ROWS = "() => document.getElementsByTagName('h3').length"


class Town:
    """The city and its numbers, as a page is to show them."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.url = f"http://127.0.0.1:{port}"
        self._numbers = cycle(range(11, 39))
        city.open_city(port, token)

    def settle(self, with_room: int) -> None:
        """So many of the fifty sites have room for ten."""
        city.free_up(self.port, self.token, {site: 10 if site < with_room else 0 for site in range(AT_ONCE)})

    def change(self, page: Page, sites: int) -> float:
        """Milliseconds from the message to the paint of so many new numbers, told in one batch."""
        number = next(self._numbers)
        while True:
            page.evaluate(
                "(wanted) => probe.expectNumbers(wanted)", {city.name_of(site): number for site in range(sites)}
            )
            city.free_up(self.port, self.token, dict.fromkeys(range(sites), number))
            told = page.evaluate("() => probe.told()")
            if told["messages"] == 1:
                return float(told["ms"])
            figures.progress("one batch came as two messages: told anew")
            number = next(self._numbers)
            page.wait_for_timeout(QUIET_MS)


def measure(here: Bed) -> Sequence[Figure]:
    """Both in turn, in rounds."""
    server = here.serve("capacity serve and a plain list", module=("benchmarks.pages.beside",))
    here.record()
    town = Town(server.port, here.token)
    ours, plain = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    with chromium.opened() as browser:
        for _ in range(ROUNDS):
            for found, path in ((ours, "maraude"), (plain, "plain")):
                for name, ms in _visit(browser, town, path):
                    found[name].append(ms)
                figures.progress(
                    f"{path}: {', '.join(f'{name} {values[-1]:.0f} ms' for name, values in found.items())}"
                )
    print(
        f"`/maraude` and a plain list by hand, {city.POOLS} rows, {PHONE[0]}×{PHONE[1]}, main thread {SLOWER} times as "
        f"slow; {ROUNDS} rounds in which they take turns, each a device that was never here, with {CHANGES} changes of "
        f"each kind. The server is alone on one core, the browser has both.\n"
    )
    return _told(ours, plain)


def _visit(browser: Browser, town: Town, path: str) -> Iterator[tuple[str, float]]:
    """What one reader waits for, by its name; of several changes the median."""
    town.settle(ROOM_AT_FIRST)
    with chromium.device(browser, PHONE, town.url, town.token) as page:
        page.add_init_script(FIRST_ROWS)
        devtools = page.context.new_cdp_session(page)
        page.goto(f"{town.url}/healthz")  # so that the process of the page is there, and stays slow
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(f"{town.url}/{path}?territory={bed.TERRITORY}", wait_until="commit")
        yield "first rows", page.evaluate("() => window.firstRows")
        _unfold(page, town, is_ours=path != "plain")
        for name, sites in (("one change", 1), ("fifty at once", AT_ONCE)):
            waits = []
            for _ in range(CHANGES):
                page.wait_for_timeout(QUIET_MS)
                waits.append(town.change(page, sites))
            yield name, Figure("", waits).median
        yield "one right after", Figure("", [town.change(page, 1) for _ in range(CHANGES)]).median


def _unfold(page: Page, town: Town, *, is_ours: bool) -> None:
    """All rows laid out, and the first one at the top of the screen."""
    if is_ours:
        page.wait_for_selector("html[data-kept]", state="attached")  # its service worker has all that it wants
    town.settle(AT_ONCE)
    page.locator("summary").first.click()
    while is_ours and page.evaluate(ROWS) < city.POOLS:
        page.get_by_role("button", name="Montrer la suite").first.dispatch_event("click")
    page.wait_for_function(ALL_HAVE_ROOM)
    page.evaluate("() => document.querySelector('li').scrollIntoView()")


def _told(ours: dict[str, list[float]], plain: dict[str, list[float]]) -> Iterator[Figure]:
    for name, most_ms in (("first rows", FIRST_MOST_MS), ("one change", ONE_MOST_MS), ("fifty at once", MANY_MOST_MS)):
        yield Figure(f"{name}, painted", ours[name], "ms", most=most_ms)
        yield Figure(f"{name}, × a plain list", ratios(ours[name], plain[name]), most=MOST_RATIO)
        yield Figure(f"plain list: {name}", plain[name], "ms")
    yield Figure("one change right after another, with the rest between two paints", ours["one right after"], "ms")
    yield Figure("plain list: the same, painted at once", plain["one right after"], "ms")
