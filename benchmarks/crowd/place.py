"""What the benchmarks with thousands of readers share: a server that lets them in, and what it tells of itself."""

import argparse
import json
import os
import re
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.bed import TERRITORY

READERS = 10_000
ROOM = {
    "CAPACITY_MOST_FEEDS_PER_CREDENTIAL": "100000",
    "CAPACITY_MOST_CONNECTIONS_PER_ADDRESS": "100000",
    "CAPACITY_LOG_LEVEL": "warning",
}
"""One credential at one address stands for a whole country here."""


def asked(what: str | None, readers: int) -> int:
    """How many readers the command line asks for; a machine with less room or time may want fewer."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--readers", type=int, default=readers)
    return int(parser.parse_args().readers)


def metric(port: int, name: str) -> float:
    """A figure of the server's own, without labels."""
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("GET", "/metrics")
        found = re.search(rf"^{name} (\S+)$", line.getresponse().read().decode(), re.MULTILINE)
    finally:
        line.close()
    assert found is not None, f"the server tells no {name}"
    return float(found[1])


def post(port: int, token: str, per_second: float, seconds: float) -> "subprocess.Popen[str]":
    """Reports at an even pace, from a process of their own; `waits_ms` takes what it has measured."""
    command = (sys.executable, "-m", "benchmarks.crowd.posting", str(port), TERRITORY, str(per_second), str(seconds))
    env = {**os.environ, "BENCH_TOKEN": token, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)


def waits_ms(posting: "subprocess.Popen[str]") -> list[float]:
    """The wait of each report for its answer, shortest first."""
    said, _ = posting.communicate(timeout=120)
    assert posting.returncode == 0, "the reports were not taken"
    return sorted(json.loads(said))


def within(values: list[float], share: float) -> float:
    """What this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
