"""Several real Valkeys that belong together: a primary with replicas, Sentinels that watch them, a cluster."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from capacity.processes.engines import binaries
from capacity.processes.engines.running import running
from capacity.processes.programs import Program

NAME = "board"
PATIENCE_SECONDS = 90.0
GLANCE_SECONDS = 0.02


def free_ports(number: int) -> list[int]:
    """Ports that nobody has, all different; also free ten thousand above, where a cluster's nodes talk."""
    with ExitStack() as stack:
        ports: list[int] = []
        while len(ports) < number:
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            if 20_000 < port < 55_000:
                ports.append(port)
        return ports


def wait_until(claim, what: str) -> None:
    """Look until it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if claim():
                return
        except RedisError:
            pass
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS:g} s: {what}"
        time.sleep(GLANCE_SECONDS)


@dataclass
class Node:
    """One Valkey on a port of its own, as durable as ours; `options` are more of its settings."""

    data: Path
    port: int
    options: dict[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"valkey-{self.port}"

    @property
    def folder(self) -> Path:
        return self.data / self.name

    @property
    def client(self) -> Redis:
        return Redis(port=self.port, decode_responses=True, socket_timeout=2.0)

    @property
    def node_id(self) -> str:
        """What a cluster calls it."""
        return str(self.client.execute_command("CLUSTER", "MYID"))

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def program(self) -> Program:
        options = {
            "port": self.port, "bind": "127.0.0.1", "dir": self.folder, "appendonly": "yes", "appendfsync": "always",
            "save": "", "repl-diskless-sync-delay": 0, **self.options,
        }  # fmt: skip
        argv = [str(binaries.valkey_server())]
        for option, value in options.items():
            argv += [f"--{option}", *(str(value).split() or [""])]
        return Program(self.name, tuple(argv), self.data / "logs" / f"{self.name}.log")

    def is_ready(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False


def confirms(node: Node, replicas: int) -> bool:
    """Whether so many replicas have on disk what is done on a primary: not yet while they take its first copy."""
    if Watched.online(node) < replicas:
        return False
    client = node.client
    client.set("{settled}:mark", 1)
    if client.wait(replicas, 500) < replicas:
        return False
    return client.execute_command("WAITAOF", 1, replicas, 500)[1] >= replicas


@dataclass
class Watch:
    """One Sentinel."""

    data: Path
    port: int
    primary: int
    quorum: int
    down_after_ms: int

    @property
    def name(self) -> str:
        return f"sentinel-{self.port}"

    @property
    def client(self) -> Redis:
        return Redis(port=self.port, decode_responses=True, socket_timeout=2.0)

    def prepare(self) -> None:
        folder = self.data / self.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "sentinel.conf").write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {folder}\n"
            f"sentinel monitor {NAME} 127.0.0.1 {self.primary} {self.quorum}\n"
            f"sentinel down-after-milliseconds {NAME} {self.down_after_ms}\n"
            f"sentinel failover-timeout {NAME} 3000\n"
        )

    def program(self) -> Program:
        config = self.data / self.name / "sentinel.conf"
        argv = (str(binaries.valkey_server()), str(config), "--sentinel")
        return Program(self.name, argv, self.data / "logs" / f"{self.name}.log")

    def is_ready(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False


class Watched:
    """A primary with replicas under Sentinels."""

    def __init__(self, folder: Path, stack: ExitStack, replicas: int, sentinels: int, down_after_ms: int) -> None:
        ports = free_ports(1 + replicas + sentinels)
        self.folder, self._stack = folder, stack
        self.nodes = [Node(folder, ports[0])]
        self.nodes += [Node(folder, port, {"replicaof": f"127.0.0.1 {ports[0]}"}) for port in ports[1 : 1 + replicas]]
        quorum = sentinels // 2 + 1
        self.watches = [Watch(folder, port, ports[0], quorum, down_after_ms) for port in ports[1 + replicas :]]
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        for node in self.nodes:
            self.start(node)
        wait_until(lambda: confirms(self.nodes[0], replicas), "the replicas follow")
        for watch in self.watches:
            stack.enter_context(running(watch))
        wait_until(self._all_known, "the Sentinels know all")

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'127.0.0.1:{watch.port}' for watch in self.watches)}/{NAME}"

    def start(self, node: Node) -> None:
        self.processes[node.port] = self._stack.enter_context(running(node))

    def primary(self) -> Node:
        """The one that the first Sentinel names."""
        _, port = self.watches[0].client.sentinel_get_master_addr_by_name(NAME)
        return next(node for node in self.nodes if node.port == int(port))

    def kill(self, node: Node) -> None:
        process = self.processes[node.port]
        process.kill()
        process.wait()

    def signal(self, node: Node, number: signal.Signals) -> None:
        os.kill(self.processes[node.port].pid, number)

    @staticmethod
    def online(node: Node) -> int:
        """How many replicas follow it."""
        told = node.client.info("replication")
        return sum(value["state"] == "online" for value in told.values() if isinstance(value, dict))

    def _all_known(self) -> bool:
        told = [watch.client.sentinel_masters()[NAME] for watch in self.watches]
        return all(
            each["num-other-sentinels"] == len(self.watches) - 1 and each["num-slaves"] == len(self.nodes) - 1
            for each in told
        )


@contextmanager
def watched(folder: Path, *, replicas: int = 2, sentinels: int = 3, down_after_ms: int = 600) -> Iterator[Watched]:
    """A primary with replicas under Sentinels, all of one mind, until the block ends."""
    with ExitStack() as stack:
        yield Watched(folder, stack, replicas, sentinels, down_after_ms)


class Cluster:
    """Primaries that share the slots, each with one replica."""

    def __init__(self, folder: Path, stack: ExitStack, primaries: int) -> None:
        options = {"cluster-enabled": "yes", "cluster-node-timeout": 1500}
        self.nodes = [Node(folder, port, options) for port in free_ports(2 * primaries)]
        self._stack = stack
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        for node in self.nodes:
            self.start(node)
        first, *others = self.nodes
        for epoch, node in enumerate(self.nodes, start=1):
            node.client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", epoch)
        for node in others:
            node.client.execute_command("CLUSTER", "MEET", "127.0.0.1", first.port)
        bounds = [16_384 * number // primaries for number in range(primaries + 1)]
        for number in range(primaries):
            self.nodes[number].client.execute_command(
                "CLUSTER", "ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1
            )
        wait_until(lambda: all(self._knows(node) == len(self.nodes) for node in self.nodes), "the nodes know all")
        for number in range(primaries):
            replica = self.nodes[primaries + number]
            replica.client.execute_command("CLUSTER", "REPLICATE", self.nodes[number].node_id)
        wait_until(lambda: all(map(self._is_well, self.nodes)), "the cluster is well")
        wait_until(lambda: all(Watched.online(node) == 1 for node in self.nodes[:primaries]), "the replicas follow")

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'127.0.0.1:{node.port}' for node in self.nodes)}"

    def start(self, node: Node) -> None:
        self.processes[node.port] = self._stack.enter_context(running(node))

    def kill(self, node: Node) -> None:
        process = self.processes[node.port]
        process.kill()
        process.wait()

    def owner(self, slot: int) -> Node:
        """The primary of a slot, as a node that lives sees it."""
        seer = next(node for node in self.nodes if self.processes[node.port].poll() is None)
        for first, last, (_, port, *_), *_ in _raw(seer, "CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(node for node in self.nodes if node.port == int(port))
        raise AssertionError(f"nobody has the slot {slot}")

    def copy_has(self, primary: Node, meta: str, seq: int) -> bool:
        """Whether the replica of a primary has a territory's number."""
        (copy,) = (value for value in primary.client.info("replication").values() if isinstance(value, dict))
        connection = Node(primary.data, int(copy["port"])).client.connection_pool.get_connection()
        try:
            for command in (("READONLY",), ("HGET", meta, "seq")):
                connection.send_command(*command)
                reply = connection.read_response()
            return reply == str(seq)
        finally:
            connection.disconnect()

    @staticmethod
    def _knows(node: Node) -> int:
        return len(_raw(node, "CLUSTER", "NODES").splitlines())

    def _is_well(self, node: Node) -> bool:
        shown = _raw(node, "CLUSTER", "INFO").splitlines()
        shares = _raw(node, "CLUSTER", "SLOTS")
        return "cluster_state:ok" in shown and all(len(servers) == 2 for _, _, *servers in shares)


def _raw(node: Node, *command: str):
    """A reply as it is sent: redis-py has an opinion on some."""
    connection = node.client.connection_pool.get_connection()
    connection.send_command(*command)
    reply = connection.read_response()
    connection.disconnect()
    return reply


@contextmanager
def cluster(folder: Path, primaries: int = 3) -> Iterator[Cluster]:
    """A cluster that is well, until the block ends."""
    with ExitStack() as stack:
        yield Cluster(folder, stack, primaries)
