"""`python -m benchmarks.pages tap`: from a finger on the tablet's "+1" to the number on the wall, both in Chromium.

One more arrival is tapped on the tablet of a site; the wall shows that site, on a board of 400 pools of which only
this one has room. From the moment the finger comes down to the frame of the wall that has the number, by the clock of
the machine. After each tap a plain socket sends one report and another hears it in the feed, as `benchmarks.latency`
does: what the server itself needs on this machine with these pages beside it, and no page can be faster. What is
asked for is the rest. A wall paints at most once a second, and the first change after a quiet second at once: taps
and reports come a good second apart.
"""

from collections.abc import Sequence

from playwright.sync_api import Page

from benchmarks import bed, figures
from benchmarks.bed import Bed
from benchmarks.figures import Figure
from benchmarks.latency.reader import Reader
from benchmarks.latency.reporting import report
from benchmarks.load import Line, posts
from benchmarks.pages import chromium, city

TAPS, WARM = 30, 3
TABLET, WALL = (820, 1180), (1920, 1080)
QUIET_MS = 1_300
MOST_MS = 100
SITE, ELSEWHERE = 0, 1
NUMBER = f"[data-pool='{city.pool_of(SITE)}'] .number strong"


def measure(here: Bed) -> Sequence[Figure]:
    """Taps and bare reports in turn."""
    server = here.serve()
    here.record()
    city.open_city(server.port, here.token)
    city.free_up(server.port, here.token, {SITE: city.CAPACITY})
    url, feed = f"http://127.0.0.1:{server.port}", f"{city.TERRITORY}/feed"
    with (
        chromium.opened() as browser,
        chromium.device(browser, TABLET, url, here.token) as tablet,
        chromium.device(browser, WALL, url, here.token) as wall,
        Reader(server.port, feed, here.token) as reader,
        Line.to(server.port) as line,
    ):
        tablet.goto(f"{url}/halte/halte-{SITE}?territory={bed.TERRITORY}")
        wall.goto(f"{url}/mur?territory={bed.TERRITORY}&kiosk=1")
        wall.wait_for_selector(NUMBER)
        requests = posts(bed.TERRITORY, [city.pool_of(ELSEWHERE, "men")], token=here.token)
        rounds = []
        for taps in range(1, WARM + TAPS + 1):
            wall.wait_for_timeout(QUIET_MS)
            painted_ms = _tap(tablet, wall, city.CAPACITY - taps)
            wall.wait_for_timeout(QUIET_MS)
            heard_ms, _ = report(reader, line, next(requests))
            figures.progress(f"tap → wall {painted_ms:.0f} ms, report → feed {heard_ms:.1f} ms")
            rounds.append((painted_ms, heard_ms))
    return _told(rounds[WARM:])


def _tap(tablet: Page, wall: Page, free: int) -> float:
    """Milliseconds from the finger to the paint of so many free places."""
    wall.evaluate("([selector, text]) => probe.expectText(selector, text)", [NUMBER, str(free)])
    tablet.evaluate("() => probe.expectFinger()")
    tablet.get_by_role("article", name="femmes seules").get_by_role("button", name="+1").tap()
    return float(wall.evaluate("() => probe.told()") - tablet.evaluate("() => probe.told()"))


def _told(rounds: Sequence[tuple[float, float]]) -> Sequence[Figure]:
    print(
        f"{TAPS} taps, each followed by a bare report; {city.POOLS} pools, tablet {TABLET[0]}×{TABLET[1]}, wall "
        f"{WALL[0]}×{WALL[1]}. The server is alone on one core but for the browser, which has both. The range is that "
        "of the single taps."
    )
    taps, bare = zip(*rounds, strict=True)
    return [
        Figure(
            "tap → number on the wall, beyond a report → feed", [tap - one for tap, one in rounds], "ms", most=MOST_MS
        ),
        Figure("POST sent → message at a plain socket, after each tap", bare, "ms"),
        Figure("tap → number on the wall", taps, "ms"),
    ]
