"""The data folder is one `up`'s alone, and refuses in sentences."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from capacity.errors import StartFailed
from capacity.processes import datafolder

URL = "http://127.0.0.1:8000"


def test_a_second_one_is_told_who_has_it(tmp_path: Path):
    with (
        datafolder.opened(tmp_path, URL),
        pytest.raises(StartFailed, match=rf"already running on this data \(pid {os.getpid()}, {URL}\)"),
        datafolder.opened(tmp_path, "http://127.0.0.1:9000"),
    ):
        pass
    assert json.loads((tmp_path / "lock").read_text())["url"] == URL


def test_it_is_free_again_afterwards(tmp_path: Path):
    for _ in range(2):
        with datafolder.opened(tmp_path / "new" / "folder", URL) as folder:
            assert folder.is_dir()


def test_a_layout_of_a_newer_version_is_refused(tmp_path: Path):
    (tmp_path / "layout").write_text("7\n")
    with pytest.raises(StartFailed, match="layout 7, of a newer version"), datafolder.opened(tmp_path, URL):
        pass


def test_a_place_that_cannot_hold_data_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StartFailed, match="file"), datafolder.opened(tmp_path / "file" / "data", URL):
        pass


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes, where we may mount one."""
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", tmp_path]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_a_disk_too_small_for_a_first_start_is_said(small_disk: Path):
    with pytest.raises(StartFailed, match="no room left on the disk"), datafolder.opened(small_disk, URL):
        pass


def test_a_full_disk_is_said(small_disk: Path):
    with pytest.raises(StartFailed, match="no room left"), datafolder.said(small_disk):
        (small_disk / "big").write_bytes(b"0" * 3_000_000)
