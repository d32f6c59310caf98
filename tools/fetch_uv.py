"""Fetches the uv that uv.lock pins, with nothing but Python's standard library.

A bare Debian has neither pip nor venv beside its Python, so uv comes straight from its wheel:
address and hash are the lock's own. Where that fails and pip is there, pip tries (it brings its own
certificates).
"""

import hashlib
import io
import platform
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def locked_uv() -> dict[str, Any]:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    return next(package for package in packages if package["name"] == "uv")


def fits_here(wheel_name: str) -> bool:
    """Whether a wheel of this name runs on this machine, judged by its platform tag."""
    system, machine = platform.system(), platform.machine().lower()
    if system == "Darwin":
        return "macosx" in wheel_name and machine in wheel_name
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return libc in wheel_name and f"_{machine}." in wheel_name


def download(wheels: list[dict[str, Any]]) -> bytes:
    wheel = next(wheel for wheel in wheels if fits_here(wheel["url"].rsplit("/", 1)[1]))
    with urllib.request.urlopen(wheel["url"], timeout=180) as answer:  # the address is the lock's own
        body: bytes = answer.read()
    if f"sha256:{hashlib.sha256(body).hexdigest()}" != wheel["hash"]:
        raise ValueError("the download does not match uv.lock")
    return body


def unpack(wheel: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        partial = folder / "uv.partial"
        partial.write_bytes(archive.read(member))
    partial.chmod(0o755)
    partial.rename(folder / "uv")


def install_with_pip(version: str, folder: Path) -> bool:
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--target",
        str(folder / "pip"),
        f"uv=={version}",
    ]
    if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
        return False
    (folder / "uv").unlink(missing_ok=True)
    (folder / "uv").symlink_to(folder / "pip" / "bin" / "uv")
    return True


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    uv = locked_uv()
    print(f"fetching uv {uv['version']}", flush=True)
    try:
        unpack(download(uv["wheels"]), folder)
    except (OSError, StopIteration, ValueError) as problem:
        if not install_with_pip(uv["version"], folder):
            reason = str(problem) or "it has no build for this machine"
            sys.exit(f"uv {uv['version']} could not be fetched ({reason}); is the package registry reachable?")


if __name__ == "__main__":
    main()
