"""`python -m benchmarks.pages.phone`: how long a maraude waits for its first screen on a slow line, and the next time.

A Chromium with the line of a slow 3G (400 ms there and back, 400 kbit/s each way) opens `/maraude` of the demo, each
round as a device that was never here; then once more as one that has kept the page. It is usable once there is a place
with its number to call. The bytes are those of the line, packed.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, CDPSession, async_playwright

from benchmarks import bed, figures
from benchmarks.figures import Figure
from capacity.commands.stores import addresses
from capacity.processes.own_token import own_token
from tests.browser import FLAGS, executable, give_playwright_a_node_that_runs

ROUNDS = 7
DEMO = "75"
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
PHONE = {"width": 360, "height": 740}
FIRST_MOST_SECONDS, AGAIN_MOST_SECONDS, MOST_KB = 3, 1, 35
USABLE = """
new MutationObserver((_, observer) => {
  if (document.querySelector("main li a[href^='tel:']") === null) return;
  window.usable = performance.now();
  observer.disconnect();
}).observe(document, {childList: true, subtree: true});
"""


class Scripts:
    """The JavaScript that came over the line, in bytes as they came."""

    def __init__(self, session: CDPSession) -> None:
        self.bytes = 0
        self._of: set[str] = set()
        session.on("Network.responseReceived", self._begin)
        session.on("Network.loadingFinished", self._end)

    def _begin(self, event: dict[str, object]) -> None:
        if event["type"] == "Script":
            self._of.add(str(event["requestId"]))

    def _end(self, event: dict[str, object]) -> None:
        if event["requestId"] in self._of:
            self.bytes += int(str(event["encodedDataLength"]))


def main() -> None:
    give_playwright_a_node_that_runs()
    with tempfile.TemporaryDirectory(prefix="capacity-bench-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        with _demo(Path(name)) as url:
            first, again, kilobytes = asyncio.run(_measure(url, addresses(Path(name)).database_url))
    print(
        f"`/maraude` of the demo, {PHONE['width']}×{PHONE['height']}, slow 3G: {json.dumps(SLOW_3G)}; {ROUNDS} rounds."
    )
    figures.tell(
        [
            Figure("usable at the first load", first, "s", most=FIRST_MOST_SECONDS),
            Figure("usable again, from the device", again, "s", most=AGAIN_MOST_SECONDS),
            Figure("JavaScript of the first screen, headers included", kilobytes, "kB", most=MOST_KB),
        ]
    )


async def _measure(url: str, ledger_url: str) -> tuple[list[float], list[float], list[float]]:
    first, again, kilobytes = [], [], []
    path = executable()
    async with own_token(DEMO, "benchmarks", ledger_url) as token, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        for _ in range(ROUNDS):
            one, other, size = await _visit(browser, url, token)
            first.append(one)
            again.append(other)
            kilobytes.append(size / 1024)
            figures.progress(f"usable after {one:.2f} s, again after {other:.2f} s")
        await browser.close()
    return first, again, kilobytes


async def _visit(browser: Browser, url: str, token: str) -> tuple[float, float, int]:
    """Seconds until usable for a new device, then for the same one, and the bytes of script of the first."""
    context = await browser.new_context(viewport=PHONE, locale="fr-FR")  # type: ignore[arg-type]  # a dict is one
    await context.add_cookies([{"name": "capacity", "value": token, "url": url}])
    await context.add_init_script(USABLE)
    try:
        one, size = await _open(context, f"{url}/maraude?territory={DEMO}", is_to_be_kept=True)
        other, _ = await _open(context, f"{url}/maraude?territory={DEMO}", is_to_be_kept=False)
        return one, other, size
    finally:
        await context.close()


async def _open(context: BrowserContext, address: str, *, is_to_be_kept: bool) -> tuple[float, int]:
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    scripts = Scripts(session)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", SLOW_3G)
    await page.goto(address, wait_until="commit")
    await page.wait_for_function("() => window.usable", timeout=60_000)
    usable_ms, size = await page.evaluate("() => window.usable"), scripts.bytes
    if is_to_be_kept:
        await page.wait_for_selector("html[data-kept]", state="attached", timeout=60_000)
    await page.close()
    return usable_ms / 1000, size


@contextmanager
def _demo(data: Path) -> Iterator[str]:
    port = bed.free_port()
    command = (sys.executable, "-m", "capacity", "up", "--demo", "--data", str(data), "--port", str(port))
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as up:
        try:
            assert up.stdout is not None
            if not any(line.startswith("ready http://") for line in up.stdout):
                sys.exit("`up` ended before it was ready")
            yield f"http://127.0.0.1:{port}"
        finally:
            up.terminate()


if __name__ == "__main__":
    main()
