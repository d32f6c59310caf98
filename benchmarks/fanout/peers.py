"""The peers, each set up as a team that knows it would: how it is started, published to and listened to."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks import bed
from benchmarks.bed import Bed, Server, free_port, on_core
from benchmarks.fanout import nchan, publishing
from benchmarks.fanout.compiled import compiled
from benchmarks.fanout.listening import Entrance
from benchmarks.fanout.missing import PeerMissing
from benchmarks.fanout.publishing import Publish
from benchmarks.node import ROOT, NodeFolder
from capacity.processes.engines.running import running

NODE = NodeFolder(Path(__file__).parent / "node")
OURS, LIMIT, NCHAN = "capacity serve", "C, a loop of send()", "nchan (nginx)"
BROADCAST, WS, STARLETTE = "websockets.broadcast", "ws (Node)", "Starlette, a loop of sends"
SOCKET_IO, CHANNELS = "Socket.IO, Redis adapter", "Django Channels, Redis layer"
OPEN_DOORS = {
    "CAPACITY_TRUSTED_PROXIES": '["127.0.0.1"]',  # else one address may have 2,000 connections at most
    "CAPACITY_MOST_FEEDS_PER_CREDENTIAL": "100000",
    "CAPACITY_GRACE_SECONDS": "0.5",
    **bed.UNBOUNDED,
}
"""One reader stands for a whole country here, whose phones come from everywhere, each with a credential of its own."""

Command = Callable[[Path, int, bool], tuple[str, ...]]
"""What starts a server: with its files in this folder, on this port, with deflate or not."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One server that fans out. `install` raises PeerMissing where it cannot be had."""

    name: str
    command: Command
    publisher: Callable[[Bed, int], AbstractContextManager[Publish]]
    install: Callable[[], None] = lambda: None
    entrance: Callable[[Bed], Entrance] = lambda _: Entrance()
    deflates: bool = True
    most_a_second: float = float("inf")
    """Deliveries a second beyond which it would only queue for minutes."""
    env: Mapping[str, str] = field(default_factory=dict)


def module(name: str) -> Command:
    return lambda _folder, _port, _deflate: (sys.executable, "-m", name)


def script(name: str) -> Command:
    return lambda _folder, _port, _deflate: NODE.command(name)


def _node() -> None:
    try:
        NODE.install()
    except (OSError, subprocess.CalledProcessError) as problem:
        raise PeerMissing("npm could not install it; it has said why above") from problem


def _bench_group() -> None:
    if any(importlib.util.find_spec(name) is None for name in ("django", "channels", "channels_redis")):
        raise PeerMissing("its packages are in the group `bench`, which `make bench` installs")


def _sender() -> None:
    compiled("sender")


def _our_entrance(here: Bed) -> Entrance:
    return Entrance(f"/v1/territories/{bed.TERRITORY}/feed", here.token, first_messages=1, merges=True)


SERVED = "benchmarks.fanout.served"
PEERS = (
    Peer(
        OURS,
        lambda *_: (sys.executable, "-m", "capacity", "serve"),
        publishing.reports,
        entrance=_our_entrance,
        env=OPEN_DOORS,
    ),
    Peer(
        LIMIT,
        lambda _folder, port, _deflate: (str(compiled("sender")), str(port)),
        publishing.frames,
        _sender,
        deflates=False,
    ),
    Peer(
        NCHAN,
        lambda folder, port, deflate: nchan.command(folder, port, deflate=deflate),
        publishing.posts,
        nchan.install,
        lambda _: Entrance("/sub"),
    ),
    Peer(BROADCAST, module(f"{SERVED}.broadcast"), publishing.texts),
    Peer(WS, script("ws.js"), publishing.texts, _node),
    Peer(STARLETTE, module(f"{SERVED}.loop"), publishing.texts),
    Peer(
        SOCKET_IO,
        script("socketio.js"),
        publishing.emitted,
        _node,
        lambda _: Entrance("/socket.io/?EIO=4&transport=websocket", first_messages=2, greeting="40"),
    ),
    Peer(
        CHANNELS, module(f"{SERVED}.django_channels"), publishing.grouped, _bench_group, most_a_second=20_000
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Started:
    """A peer that runs."""

    port: int
    pid: int


@contextmanager
def started(peer: Peer, here: Bed, *, deflate: bool) -> Iterator[Started]:
    """The peer alone on its core, until the block ends."""
    port = free_port()
    env = {"PORT": str(port), "CAPACITY_PORT": str(port), "DEFLATE": str(int(deflate)), "PYTHONPATH": str(ROOT)}
    argv = peer.command(here.folder, port, deflate)
    with ExitStack() as stack:
        server = Server(f"peer-{port}", here.folder, argv, port, {**env, **here.addresses, **peer.env})
        with on_core(bed.SERVER_CORE):
            process = stack.enter_context(running(server))
        yield Started(port, process.pid)


def versions(present: list[Peer]) -> str:
    """Those of what took part, beside what `figures.versions` names."""
    names = {peer.name for peer in present}
    found = [nchan.versions()] if NCHAN in names else []
    found += [NODE.versions()] if names & {WS, SOCKET_IO} else []
    if CHANNELS in names:
        found += [f"{name} {version(name)}" for name in ("django", "channels", "channels-redis")]
    if LIMIT in names:
        said = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=False).stdout
        found += said.splitlines()[:1]
    return ", ".join(found)
