"""A folder of Node peers: installed as its lock file says, and what it is made of."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools import frontend

ROOT = Path(__file__).parent.parent


@cache
def _environment() -> dict[str, str]:
    return frontend.environment(ROOT)


def _program(name: str) -> str:
    return shutil.which(name, path=_environment()["PATH"]) or name


@dataclass(frozen=True, slots=True)
class NodeFolder:
    """Where a `package.json` and its lock file lie, with the scripts beside them."""

    folder: Path

    def install(self) -> None:
        """Bring `node_modules` to the lock file.

        Raises:
            subprocess.CalledProcessError, OSError: npm could not, and has said why.
        """
        if all(self._installed(package) == version for package, version in self._asked().items()):
            return
        command = (_program("npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(command, cwd=self.folder, env=_environment(), check=True, stdout=subprocess.DEVNULL)

    def command(self, script: str) -> tuple[str, ...]:
        return (_program("node"), str(self.folder / script))

    def versions(self) -> str:
        """Node's and those of the packages that were asked for."""
        node = subprocess.run([_program("node"), "--version"], capture_output=True, text=True, check=True).stdout
        asked = (f"{name} {version}" for name, version in self._asked().items())
        return ", ".join([f"Node {node.strip().removeprefix('v')}", *asked])

    def _installed(self, package: str) -> str:
        manifest = self.folder / "node_modules" / package / "package.json"
        return str(json.loads(manifest.read_text())["version"]) if manifest.exists() else ""

    def _asked(self) -> dict[str, str]:
        return dict(json.loads((self.folder / "package.json").read_text())["dependencies"])
