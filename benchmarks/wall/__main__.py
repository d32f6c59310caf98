"""`python -m benchmarks.wall [HOURS]`: the heap of a wall after six hours of traffic beside that after ten minutes.

A real Chromium shows the real wall of the real service. Its clock and its timers run sixty times as fast, and so does
the traffic: what the wall sees in six hours passes in six minutes. Each heap is what is left after the garbage was
collected. Deadlines of questions end after two true seconds at the earliest, or a busy machine would not answer one.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks import bed, figures
from benchmarks.figures import Figure
from benchmarks.wall.traffic import Traffic, open_city
from tests.browser import FLAGS, executable

SPEED = 60
CHANGES_A_SECOND = 20
"""What a busy night of the largest territory brings."""
FIRST_SECONDS = 600
HOURS = 6.0
LOOKS = 8
HASTEN = """
(() => {
  const SPEED = %d;
  const now = Date.now.bind(Date), began = now();
  const after = window.setTimeout.bind(window), every = window.setInterval.bind(window);
  Date.now = () => began + (now() - began) * SPEED;
  window.setTimeout = (act, ms = 0, ...more) => after(act, ms / SPEED, ...more);
  window.setInterval = (act, ms = 0, ...more) => every(act, ms / SPEED, ...more);
  const expiring = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => expiring(Math.max(2000, ms / SPEED));
  window.paints = 0;
  addEventListener("DOMContentLoaded", () => new MutationObserver(() => { window.paints += 1; })
    .observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true }));
})();
"""


@dataclass(frozen=True, slots=True)
class Look:
    """A wall at one moment of its own time."""

    hours: float
    heap_bytes: float
    nodes: float


def main() -> None:
    """Run, and tell how the wall has grown."""
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else HOURS
    with bed.made() as here:
        server = here.serve()
        here.record()
        pools = open_city(server.port, here.token)
        traffic = Traffic(server.port, here.token, pools, CHANGES_A_SECOND * SPEED)
        looks, paints = _soak(f"http://127.0.0.1:{server.port}", here.token, traffic, hours)
    _tell(looks, paints, traffic.taken, hours)


def _soak(url: str, token: str, traffic: Traffic, hours: float) -> tuple[list[Look], int]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="fr-FR")
        context.add_cookies([{"name": "capacity", "value": token, "url": url}])
        context.add_init_script(HASTEN % SPEED)
        page = context.new_page()
        traffic.start()
        began = time.monotonic()
        page.goto(f"{url}/mur?territory={bed.TERRITORY}&kiosk=1")
        page.wait_for_selector("[data-pool]")
        devtools = context.new_cdp_session(page)
        looks = []
        moments = [FIRST_SECONDS, *(hour * 3600 for hour in range(1, int(hours))), hours * 3600]
        for seconds in moments:
            _wait(lambda seconds=seconds: time.monotonic() - began >= seconds / SPEED, page.wait_for_timeout)
            looks.append(_look(page, devtools, seconds / 3600))
            heap, nodes = looks[-1].heap_bytes, looks[-1].nodes
            figures.progress(f"{seconds / 3600:.2f} h: {heap / 1e6:.2f} MB, {nodes:.0f} nodes, {traffic.taken:,} taken")
        paints = int(page.evaluate("window.paints"))
        assert page.locator("[data-pool]").count() > 0, "the wall shows nothing any more"
        traffic.end()
        browser.close()
    if traffic.failure is not None:
        raise traffic.failure
    return looks, paints


def _wait(is_over: Callable[[], bool], pause: Callable[[float], None]) -> None:
    """In small pauses, in which Playwright hears its browser."""
    while not is_over():
        pause(200)


def _look(page: Page, devtools: CDPSession, hours: float) -> Look:
    """The heap once the garbage is gone: the least of some looks, which is the one with the least on its way."""
    found = []
    for _ in range(LOOKS):
        devtools.send("HeapProfiler.collectGarbage")
        used = devtools.send("Runtime.getHeapUsage")["usedSize"]
        found.append(Look(hours, used, devtools.send("Memory.getDOMCounters")["nodes"]))
        page.wait_for_timeout(150)
    return min(found, key=lambda look: look.heap_bytes)


def _tell(looks: list[Look], paints: int, taken: int, hours: float) -> None:
    first, last = looks[0], looks[-1]
    print(
        f"{taken:,} changes on 400 pools, {CHANGES_A_SECOND} in a second of the wall, {hours:g} h of it at "
        f"{SPEED} times its speed; {paints:,} paints. Heap after 10 min {first.heap_bytes / 1e6:.2f} MB, by the hour "
        f"{', '.join(f'{look.heap_bytes / 1e6:.2f}' for look in looks[1:])} MB."
    )
    figures.tell(
        [
            Figure(f"heap after {hours:g} h / heap after 10 min", [last.heap_bytes / first.heap_bytes], most=1.1),
            Figure(f"DOM nodes after {hours:g} h / after 10 min", [last.nodes / first.nodes], most=1.1),
            Figure("paints in a second of the wall", [paints / (hours * 3600)]),
        ]
    )


if __name__ == "__main__":
    main()
