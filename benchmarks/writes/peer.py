"""The Node peer: installed as its lock file says, and what it is made of."""

import json
import shutil
import subprocess
from pathlib import Path

from tools import frontend

FOLDER = Path(__file__).parent / "node"
ENVIRONMENT = frontend.environment(FOLDER.parent.parent.parent)


def install() -> None:
    """Bring `node_modules` to the lock file."""
    if all(installed(package) for package in _asked()):
        return
    npm = shutil.which("npm", path=ENVIRONMENT["PATH"]) or "npm"
    subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FOLDER, env=ENVIRONMENT, check=True)


def installed(package: str) -> str:
    """The version that lies there, when it is the one asked for; else nothing."""
    manifest = FOLDER / "node_modules" / package / "package.json"
    found = json.loads(manifest.read_text())["version"] if manifest.exists() else ""
    return found if found == _asked()[package] else ""


def _asked() -> dict[str, str]:
    return json.loads((FOLDER / "package.json").read_text())["dependencies"]


def command() -> tuple[str, ...]:
    node = shutil.which("node", path=ENVIRONMENT["PATH"]) or "node"
    return (node, str(FOLDER / "server.js"))


def versions() -> str:
    node = subprocess.run([command()[0], "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return ", ".join([f"Node {node.removeprefix('v')}", *(f"{name} {version}" for name, version in _asked().items())])
