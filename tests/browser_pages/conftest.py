"""A real Chromium on the real service. A page that fails inside or asks another host fails its test."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import FLAGS, executable
from tests.browser_pages.halte import Halte
from tests.whole_service import RunningUp, Spoken

PHONE, TABLET, DESK, TV = (360, 740), (820, 1180), (1280, 800), (1920, 1080)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Open for one module only: while it is, this thread has a running event loop, which async tests cannot share."""
    path = executable()
    assert path is not None, "no Chromium here: make setup-browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Screens:
    """Opens pages as devices would, each with a storage of its own, and keeps what they did wrong."""

    def __init__(self, browser: Browser, stack: ExitStack, service: Spoken) -> None:
        self._browser = browser
        self._stack = stack
        self._service = service
        self.faults: list[str] = []

    def device(
        self,
        size: tuple[int, int] = TABLET,
        *,
        signed_in: bool = True,
        service: Spoken | None = None,
        **options: object,
    ) -> BrowserContext:
        """A device of its own, as an admin of the shared service or of another, unless it is not signed in."""
        width, height = size
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, locale="fr-FR", reduced_motion="reduce", **options
        )
        context.set_default_timeout(10_000)
        self._stack.callback(context.close)
        if signed_in:
            context.add_cookies([(service or self._service).cookie()])
        context.on("page", self._listen)
        context.on("request", lambda request: self._judge(request.url))  # the service worker's own too
        return context

    def open(self, url: str, size: tuple[int, int] = TABLET, **options: object) -> Page:
        page = self.device(size, **options).new_page()
        page.goto(url)
        return page

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("websocket", lambda socket: self._judge(socket.url))

    def _judge(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.hostname != "127.0.0.1" and parts.scheme not in {"data", "blob"}:
            self.faults.append(f"a request to another host: {url}")


@contextmanager
def screens_on(browser: Browser, service: Spoken) -> Iterator[Screens]:
    """Devices of a service; they must have done nothing wrong in the end."""
    with ExitStack() as stack:
        screens = Screens(browser, stack, service)
        yield screens
    assert screens.faults == []


@pytest.fixture
def screens(chromium: Browser, demo_service: RunningUp) -> Iterator[Screens]:
    with screens_on(chromium, demo_service) as screens:
        yield screens


@pytest.fixture
def halte(demo_service: RunningUp) -> Halte:
    """A site of 39 places for women, 36 of them occupied, alone in a territory of this test's own."""
    return Halte.opened(demo_service)
