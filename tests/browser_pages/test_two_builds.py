"""An update of the service, as a device lives it: a worker and pages that really are others."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from capacity.commands.stores import addresses
from capacity.web.pages import STATIC
from tests.browser_pages.conftest import PHONE, Screens
from tests.browser_pages.halte import Halte
from tests.browser_pages.test_installed import kept
from tests.whole_service import free_port

pytestmark = [pytest.mark.browser, pytest.mark.journey]

SERVE = """
import sys
from pathlib import Path
from capacity.processes.serve import run
from capacity.processes.settings import read_settings
from capacity.web import pages
pages.page_routes.__defaults__ = (Path(sys.argv[1]),)
run(read_settings())
"""
START_SECONDS = 60
REVISION = re.compile(r'("revision":")([0-9a-f]{8})')


@contextmanager
def serving(folder: Path, port: int, data: Path) -> Iterator[None]:
    """`capacity serve` on the stores of the running service, with the built pages of this folder."""
    stores = addresses(data)
    env = {
        **os.environ,
        "CAPACITY_REDIS_URL": stores.redis_url,
        "CAPACITY_DATABASE_URL": stores.database_url,
        "CAPACITY_PORT": str(port),
        "CAPACITY_GRACE_SECONDS": "0.5",
    }
    with subprocess.Popen([sys.executable, "-c", SERVE, str(folder)], env=env) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(port):
                assert process.poll() is None, "it ended"
                assert time.monotonic() < deadline, "it does not answer"
                time.sleep(0.1)
            yield
        finally:
            process.terminate()


def answers(port: int) -> bool:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


def build_anew(folder: Path) -> None:
    """As a second build would leave it: the phone's page says so, and the worker has another revision of it."""
    page = folder / "maraude.html"
    page.write_text(page.read_text("utf-8").replace("<html ", '<html data-build="second" '), "utf-8")
    worker = folder / "sw.js"
    changed, times = REVISION.subn(lambda found: found[1] + found[2][::-1], worker.read_text("utf-8"))
    assert times > 0, "the worker names no revision"
    worker.write_text(changed, "utf-8")


def look_for_news(page: Page) -> None:
    page.evaluate("async () => { await (await navigator.serviceWorker.getRegistration()).update(); }")


def opened(device: BrowserContext, halte: Halte, port: int) -> Page:
    return kept(device, halte.url("/maraude").replace(halte.service.url, f"http://127.0.0.1:{port}"))


def test_a_second_build_is_announced_and_taken_only_when_it_is_wanted(
    screens: Screens, halte: Halte, tmp_path: Path
) -> None:
    folder, port = tmp_path / "static", free_port()
    shutil.copytree(STATIC, folder)
    device = screens.device(PHONE)
    with serving(folder, port, halte.service.data):
        phone = opened(device, halte, port)
    build_anew(folder)
    with serving(folder, port, halte.service.data):
        phone.get_by_role("button", name="femme : un de plus").click()
        look_for_news(phone)
        expect(phone.get_by_text("Nouvelle version")).to_be_visible(timeout=20_000)
        # Unasked it is not there yet, not even for a page that is opened meanwhile.
        assert phone.locator("html").get_attribute("data-build") is None
        expect(phone.get_by_role("button", name="retirer 1 femme")).to_be_enabled()
        other = device.new_page()
        other.goto(phone.url)
        expect(other.get_by_role("button", name="femme : un de plus")).to_be_visible()
        assert other.locator("html").get_attribute("data-build") is None
        other.close()
        with phone.expect_navigation():
            phone.get_by_role("button", name="Recharger").click()
        expect(phone.locator("html[data-build=second]")).to_be_attached()
        device.set_offline(True)
        phone.reload()
        expect(phone.locator("html[data-build=second]")).to_be_attached()
        expect(phone.get_by_role("heading", name="Halte de la Place")).to_be_visible()
