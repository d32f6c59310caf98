"""Devices for the benchmarks: pages of one Chromium, each with a storage of its own, signed in as an admin."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import bed
from tests.browser import FLAGS, executable, give_playwright_a_node_that_runs

PROBE = Path(__file__).with_name("probe.js").read_text("utf-8")


@contextmanager
def opened() -> Iterator[Browser]:
    """A Chromium on every core: pinned to one, a page that is slowed down would hold up its own browser."""
    give_playwright_a_node_that_runs()
    path = executable()
    with bed.on_core(*bed.CORES), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        with bed.on_core(bed.LOAD_CORE):
            yield browser
        browser.close()


@contextmanager
def device(browser: Browser, size: tuple[int, int], url: str, token: str) -> Iterator[Page]:
    """A page of a device that was never here, with the probe in everything that it opens."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="fr-FR", has_touch=True, reduced_motion="reduce"
    )
    try:
        context.add_cookies([{"name": "capacity", "value": token, "url": url}])
        context.add_init_script(PROBE)
        yield context.new_page()
    finally:
        context.close()
