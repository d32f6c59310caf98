"""nginx with nchan, from Debian's packages, unpacked into the cache and not installed."""

import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.fanout.missing import CACHE, PeerMissing

PACKAGES = ("nginx", "libnginx-mod-nchan")
FOLDER = CACHE / "nchan"
BUFFERED = 5_000
"""Messages that nchan keeps for its slowest reader; with fewer, a burst would be lost and not delivered."""
IN_ITS_OWN_FOLDERS = 'mount -t tmpfs tmpfs /var/lib && mkdir /var/lib/nginx && exec "$@"'
"""With nchan it makes folders below /var/lib/nginx whatever its file says; the machine's own stays as it is."""
CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
worker_rlimit_nofile 20000;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
load_module {module};
events {{ worker_connections 19000; }}
http {{
  access_log off;
  tcp_nodelay on;
  keepalive_requests 1000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  nchan_shared_memory_size 256M;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /healthz {{ return 200 "ok"; }}
    location = /pub {{
      nchan_publisher;
      nchan_channel_id news;
      nchan_message_buffer_length {buffered};
      nchan_message_timeout 5m;
      nchan_deflate_message_for_websocket {deflate};
    }}
    location = /sub {{
      nchan_subscriber websocket;
      nchan_channel_id news;
      nchan_subscriber_first_message newest;
    }}
  }}
}}
"""


def install() -> None:
    """Fetch and unpack the packages, once.

    Raises:
        PeerMissing: no apt here, or it could not fetch them.
    """
    if not (_nginx().exists() and _module().exists()):
        _fetch()
    (trial := FOLDER / "trial").mkdir(exist_ok=True)
    try:
        checked = subprocess.run([*command(trial, 1, deflate=False), "-t"], capture_output=True, text=True, check=False)
    except OSError as problem:
        raise PeerMissing(
            f"it needs a folder /var/lib/nginx, and no `unshare` is here to lend it one: {problem}"
        ) from problem
    finally:
        shutil.rmtree(trial)
    if checked.returncode:
        raise PeerMissing(f"Debian's nginx does not start here: {checked.stderr.strip()[-200:]}")


def _fetch() -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise PeerMissing(f"no apt-get here; it is taken from Debian's packages {' and '.join(PACKAGES)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    _run("apt-get", "download", *PACKAGES)
    for package in FOLDER.glob("*.deb"):
        _run("dpkg", "-x", package.name, ".")


def _run(*command: str) -> None:
    ran = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    if ran.returncode:
        said = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise PeerMissing(f"`{' '.join(command[:2])}` failed: {said[:200]}; `apt-get update` may help")


def _nginx() -> Path:
    return FOLDER / "usr" / "sbin" / "nginx"


def _module() -> Path:
    return FOLDER / "usr" / "lib" / "nginx" / "modules" / "ngx_nchan_module.so"


def command(folder: Path, port: int, *, deflate: bool) -> tuple[str, ...]:
    """How it is started, with its files in `folder`."""
    place = folder / f"nchan-{port}"
    place.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""  # else its worker may not enter our folder
    switch = "on" if deflate else "off"
    said = CONFIGURATION.format(
        folder=place, port=port, module=_module(), deflate=switch, user=user, buffered=BUFFERED
    )  # fmt: skip
    (place / "nginx.conf").write_text(said)
    unshare = ("unshare", "-m") if os.geteuid() == 0 else ("unshare", "-rm")
    nginx = (str(_nginx()), "-p", str(place), "-c", str(place / "nginx.conf"), "-e", str(place / "error.log"))
    return (*unshare, "sh", "-c", IN_ITS_OWN_FOLDERS, "sh", *nginx)


def versions() -> str:
    """Those of the packages."""
    names = sorted(path.name.removesuffix(".deb").replace("%3a", ":").split("_") for path in FOLDER.glob("*.deb"))
    return ", ".join(f"{name} {version}" for name, version, *_ in names)
