"""The whole of `capacity up`: it starts, says so, survives its parts, and stops without a trace."""

import json
import os
import shutil
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from uuid import uuid4

import psutil
import pytest
from redis import Redis

from capacity.errors import StartFailed
from capacity.processes.engines.valkey import Valkey
from capacity.processes.up import Options, run
from tests.processes.halte import PATIENCE_SECONDS, SITE, post_count, until
from tests.whole_service import RunningUp

pytestmark = pytest.mark.journey
Up = Callable[..., RunningUp]


def answers(service: RunningUp, path: str) -> bool:
    try:
        service.get(path)
    except OSError:
        return False
    return True


def is_gone(process: psutil.Process) -> bool:
    """A zombie that nobody reaps, as in some containers, is gone."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def is_counted(service: RunningUp, occupied: int) -> bool:
    """Whether the count was taken; one that met a process on its way back is sent again, as a tablet does."""
    try:
        return post_count(service, occupied) == "applied"
    except HTTPError as refusal:
        if refusal.code != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        return False


def test_it_says_ready_stops_without_a_trace_and_has_all_data_again(up: Up):
    first = up()
    assert first.read_until("ready") == f"ready {first.url}"
    first.send("PUT", "/v1/territories/75/sites/halte", SITE)
    until(lambda: is_counted(first, 36))
    family = list(first.children().values())
    assert len(family) == 4
    began = time.monotonic()
    assert first.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < 5
    assert all(is_gone(process) for process in family)

    again = up()
    again.read_until("ready")
    assert [row["occupied"] for row in again.get("/v1/territories/75/board")["rows"]] == [36]


def test_a_second_one_on_the_same_data_says_so_and_stops(up: Up):
    first = up()
    first.read_until("ready")
    second = up()
    said = second.read_until("capacity:")
    assert f"already running on this data (pid {first.process.pid}, {first.url})" in said
    assert second.process.wait(PATIENCE_SECONDS) == 1
    assert answers(first, "/readyz")


def test_a_port_in_use_is_one_sentence(up: Up):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        service = up(port=taken.getsockname()[1])
        assert "is in use by another program" in service.read_until("capacity:")
        assert service.process.wait(PATIENCE_SECONDS) == 1
    assert not any("Traceback" in line for line in service.lines)


def test_listening_for_others_without_tls_is_warned_of_once_and_works(up: Up):
    service = up("--host", "0.0.0.0")
    assert service.read_until("ready") == f"ready {service.url}"
    assert len([line for line in service.lines if "without TLS" in line]) == 1
    assert (service.data / "logs" / "serve.log").read_text().count("without TLS") == 1
    for host, status in ((socket.gethostbyname("localhost"), 200), ("board.example", 421), ("0.0.0.0", 421)):
        line = HTTPConnection("127.0.0.1", int(service.url.rpartition(":")[2]), timeout=5)
        line.request("GET", "/healthz", headers={"host": host})
        assert line.getresponse().status == status, host
        line.close()


@pytest.mark.crash
def test_engines_and_children_that_are_killed_come_back_with_all_that_was_acknowledged(up: Up):
    service = up()
    service.read_until("ready")
    service.send("PUT", "/v1/territories/75/sites/halte", SITE)
    for number, name in enumerate(("valkey", "postgres", "serve", "record"), start=1):
        until(lambda number=number: is_counted(service, number))
        service.children()[name].kill()
        service.read_until(f"{name} ended (killed by SIGKILL)")
        until(lambda: len(service.children()) == 4 and answers(service, "/readyz"))
        assert service.get("/v1/territories/75/board")["rows"][0]["occupied"] == number


@pytest.mark.crash
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_nothing_outlives_it_when_it_is_killed_itself_and_the_next_one_starts(up: Up):
    first = up()
    first.read_until("ready")
    family = list(first.children().values())
    os.kill(first.process.pid, signal.SIGKILL)
    until(lambda: all(is_gone(process) for process in family))
    again = up()
    again.read_until("ready")


def test_a_start_that_is_interrupted_leaves_nothing_behind(up: Up):
    service = up()
    service.read_until("making a Postgres cluster")
    service.stop(signal.SIGTERM)
    again = up()
    again.read_until("ready")


def test_a_wish_to_stop_that_arrives_twice_is_one(up: Up):
    service = up()
    service.read_until("ready")
    service.process.send_signal(signal.SIGINT)
    assert service.stop(signal.SIGINT) == 0
    assert not (service.data / "postgres" / "postmaster.pid").exists()  # it ended well


def test_with_servers_of_ones_own_none_is_started(up: Up, redis_url: str, database: str):
    service = up("--redis-url", redis_url, "--database-url", database)
    service.read_until("ready")
    assert sorted(service.children()) == ["record", "serve"]
    assert not (service.data / "postgres").exists()


def test_a_server_that_is_not_there_is_one_sentence(up: Up, database: str):
    service = up("--redis-url", "redis://127.0.0.1:1", "--database-url", database)
    assert "Redis cannot be reached" in service.read_until("capacity:")
    assert service.process.wait(PATIENCE_SECONDS) == 1


def test_the_demo_tells_links_after_ready_and_they_stand_nowhere_else(demo_service: RunningUp):
    line = demo_service.read_until("admin")
    assert demo_service.lines.index(line) > demo_service.lines.index(f"ready {demo_service.url}")
    secret = line.split("#lien=")[1].split("&")[0]
    request = urllib.request.Request(
        f"{demo_service.url}/v1/session/link",
        json.dumps({"secret": secret}).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        assert json.load(answer)["grants"] == [{"territory": "75", "role": "admin", "sites": []}]
        cookie = answer.headers["set-cookie"]
    told = "".join(log.read_text(errors="replace") for log in (demo_service.data / "logs").iterdir())
    assert secret not in told
    assert cookie.split(";")[0].removeprefix("capacity=") not in told


def test_a_live_store_that_lost_everything_is_rebuilt_while_all_runs_and_at_the_next_start(up: Up):
    service = up()
    service.read_until("ready")
    service.send("PUT", "/v1/territories/75/sites/halte", SITE)
    pool = SITE["pools"][0]["id"]
    counted = {"reports": [{"id": str(uuid4()), "type": "count", "pool": pool, "occupied": 7}]}
    (first,) = service.send("POST", "/v1/territories/75/reports", counted)["results"]
    asked = {"id": str(uuid4()), "lines": [{"pool": pool, "places": 2}], "minutes": 45}
    held = service.send("POST", "/v1/territories/75/holds", asked)["hold"]
    until(lambda: len(service.get("/v1/territories/75/ledger?after=0&limit=100")["commands"]) >= held["seq"])
    before = service.get("/v1/territories/75/board")

    def is_rebuilt(epochs: set[str]) -> bool:
        board = service.get("/v1/territories/75/board")
        return board["epoch"] not in epochs and board["rows"] == before["rows"]

    Redis.from_url(Valkey(service.data).url).flushall()
    until(lambda: answers(service, "/v1/territories/75/board") and is_rebuilt({before["epoch"]}))
    (again,) = service.send("POST", "/v1/territories/75/reports", counted)["results"]
    assert (again["outcome"], again["seq"]) == ("duplicate", first["seq"])
    assert service.get("/v1/territories/75/holds")["holds"] == [held]
    epochs = {before["epoch"], service.get("/v1/territories/75/board")["epoch"]}

    assert service.stop() == 0
    shutil.rmtree(service.data / "valkey")
    service = up()
    service.read_until("ready")
    until(lambda: answers(service, "/v1/territories/75/board") and is_rebuilt(epochs))
    ended = {"id": str(uuid4()), "reason": "cancelled"}
    assert service.send("POST", f"/v1/territories/75/holds/{held['id']}/release", ended)["rows"][0]["held"] == 0


def test_what_cannot_be_is_said_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(StartFailed, match="CAPACITY_REDIS_URL is wrong: it is redis://HOST"):
        run(Options(data=tmp_path / "data", redis_url="redis+sentinel://one"))
    monkeypatch.setenv("CAPACITY_REDIS_MIN_REPLICAS", "1")
    with pytest.raises(StartFailed, match="the Valkey that we start has none"):
        run(Options(data=tmp_path / "data"))
    assert not (tmp_path / "data").exists()
