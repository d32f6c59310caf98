"""Takes the pictures of the README from a running demo: `python tools/pictures.py [URL]`, after `make run`."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.browser import FLAGS, executable, give_playwright_a_node_that_runs

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SCREENS = {
    "mur": ("/mur?territory=75", 1920, 1080),
    "maraude": ("/maraude?territory=75", 390, 844),
    "halte": ("/halte/halte-hotel-de-ville?territory=75", 820, 1100),
    "regulation": ("/regulation?territory=75", 1280, 800),
}
#: As whom each is looked at.
ROLES = {
    "mur": ("wall",),
    "maraude": ("maraude",),
    "halte": ("staff", "--site", "halte-hotel-de-ville"),
    "regulation": ("operator",),
}
#: What is typed into a screen first, so that it shows what it is for.
TYPED = {"regulation": "1f 2e 18e"}


def main() -> None:
    """One picture a screen, once it shows figures."""
    base = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    PICTURES.mkdir(exist_ok=True)
    give_playwright_a_node_that_runs()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        for name, (path, width, height) in SCREENS.items():
            context = browser.new_context(viewport={"width": width, "height": height}, locale="fr-FR")
            context.add_cookies([{"name": "capacity", "value": _token(*ROLES[name]), "url": base}])
            page = context.new_page()
            page.goto(base + path)
            page.get_by_text("données de").first.wait_for()
            if name in TYPED:
                page.keyboard.type(TYPED[name])
                page.locator("[aria-current=true]").wait_for()
            page.screenshot(path=PICTURES / f"{name}.png")
            context.close()
        browser.close()


def _token(*role: str) -> str:
    """A token for an hour, of the demo that runs on this machine."""
    command = [sys.executable, "-m", "capacity", "token", "--label", "pictures", "--days", "0.05", "--role", *role]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()[-1]


if __name__ == "__main__":
    main()
