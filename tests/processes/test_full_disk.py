"""A disk that fills up: refused, said, and nothing acknowledged is lost."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.processes.halte import SITE, post_count, until
from tests.whole_service import RunningUp, running_up

pytestmark = [pytest.mark.journey, pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")]


@pytest.fixture
def small_disk(engine_folder: Path) -> Iterator[Path]:
    mount = ["mount", "-t", "tmpfs", "-o", "size=180m,mode=0711", "tmpfs", engine_folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield engine_folder
    subprocess.run(["umount", "--lazy", engine_folder], check=True)


def fill(disk: Path) -> Path:
    big = disk / "big"
    with big.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return big


def is_refused(service: RunningUp, occupied: int) -> bool:
    try:
        post_count(service, occupied)
    except HTTPError as refusal:
        return refusal.code == HTTPStatus.SERVICE_UNAVAILABLE
    return False


def is_taken(service: RunningUp, occupied: int) -> bool:
    return not is_refused(service, occupied)


def occupied_on_board(service: RunningUp) -> int:
    return service.get("/v1/territories/75/board")["rows"][0]["occupied"]


def test_a_full_disk_refuses_and_a_freed_one_goes_on(small_disk: Path):
    with running_up(small_disk / "data") as service:
        service.read_until("ready")
        service.send("PUT", "/v1/territories/75/sites/halte", SITE)
        acknowledged = 0
        big = fill(small_disk)
        while not is_refused(service, acknowledged + 1):  # the last blocks of the files still had room
            acknowledged += 1
        assert "no room left" in service.read_until("valkey ended")
        big.unlink()
        until(lambda: is_taken(service, acknowledged + 2))
        assert occupied_on_board(service) == acknowledged + 2


def test_a_start_on_a_full_disk_is_one_sentence_and_loses_nothing(small_disk: Path):
    with running_up(small_disk / "data") as service:
        service.read_until("ready")
        service.send("PUT", "/v1/territories/75/sites/halte", SITE)
        until(lambda: is_taken(service, 7))
    big = fill(small_disk)
    with running_up(small_disk / "data") as service:
        said = service.read_until("capacity:")
        assert said == f"capacity: There is no room left on the disk that holds {small_disk / 'data'}."
        assert service.process.wait(10) == 1
    big.unlink()
    with running_up(small_disk / "data") as service:
        service.read_until("ready")
        assert occupied_on_board(service) == 7
