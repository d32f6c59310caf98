"""Import and export against the real stores."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from capacity.cli import app
from capacity.commands import transfer
from capacity.demo import paris
from capacity.errors import FileRefused, PoolTaken, StartFailed, UnknownTerritory
from tests.commands.tables_of_ours import NIGHTS, NIGHTS_MAP

HEADER = "site,name,kind,pool,unit,audience,capacity\n"


@pytest.fixture
def stores(monkeypatch, redis_url, database):
    monkeypatch.setenv("CAPACITY_REDIS_URL", redis_url)
    monkeypatch.setenv("CAPACITY_DATABASE_URL", database)
    return database


@pytest.fixture
def capacity(stores):
    """The command line on these stores."""

    def call(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return call


@pytest.fixture
def file(tmp_path):
    def write(text, name="sites.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def imported(file, territory, *, dry_run=False):
    transfer.import_file(transfer.Import(file, territory, None, dry_run, None, None, None))


def exported(territory):
    return asyncio.run(transfer._export(transfer.Export(territory, False, None, False, None)))


def test_what_was_imported_is_exported_again(capacity, territory, tmp_path):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    sites = sorted(paris.sites()[:20], key=lambda site: site.id)
    first.write_text(json.dumps([site.model_dump(mode="json") for site in sites]))
    assert "created: 20" in capacity("import", first, "-t", territory).stdout
    assert capacity("export", "-t", territory, "-o", second).exit_code == 0
    assert transfer.read_sites(second, None, None) == sites
    again = capacity("import", second, "-t", territory)
    assert "unchanged: 20" in again.stdout


def test_the_csv_of_excel_comes_back_too(capacity, territory, file, tmp_path):
    imported(file(HEADER + "a,Hôtel,shelter,a.w,bed,women,3\n"), territory)
    out = tmp_path / "out.csv"
    capacity("export", "-t", territory, "--excel", "-o", out)
    assert out.read_bytes().startswith(b"\xef\xbb\xbfsite;name;")
    assert "unchanged: 1" in capacity("import", out, "-t", territory).stdout


def test_a_dry_run_says_what_would_be_and_keeps_nothing(capacity, territory, file):
    path = file(HEADER + "a,Halte,shelter,a.w,bed,women,3\n")
    assert "would be created: 1 (a)" in capacity("import", path, "-t", territory, "--dry-run").stdout
    with pytest.raises(UnknownTerritory):
        exported(territory)


def test_one_flaw_and_nothing_is_imported(stores, territory, file):
    with pytest.raises(FileRefused, match=r"sites\.csv:3: kind"):
        imported(file(HEADER + "a,Halte,shelter,a.w,bed,women,3\nb,Halte,castle,b.w,bed,women,3\n"), territory)
    with pytest.raises(UnknownTerritory):
        exported(territory)


def test_a_pool_of_another_site_and_nothing_is_imported(stores, territory, file):
    imported(file(HEADER + "a,Halte,shelter,a.w,bed,women,3\n"), territory)
    with pytest.raises(PoolTaken):
        imported(file(HEADER + "c,Neuf,shelter,c.w,bed,women,3\nb,Autre,shelter,a.w,bed,women,3\n"), territory)
    assert [site.id for site in exported(territory)] == ["a"]


def test_any_table_is_imported_with_a_map(capacity, territory, file):
    table, mapping = file(NIGHTS, "nights.csv"), file(NIGHTS_MAP, "map.toml")
    result = capacity("import", table, "--map", mapping, "-t", territory, "--name", "Toronto")
    assert "2 sites with 4 pools" in result.stdout
    assert [len(site.pools) for site in exported(territory)] == [2, 2]


def test_a_file_without_sites_is_refused(stores, territory, file):
    with pytest.raises(FileRefused, match="there is no site in it"):
        imported(file(HEADER), territory)


def test_a_territory_that_no_slug_can_name_is_refused(stores, file):
    with pytest.raises(FileRefused, match="'Paris 75' cannot name a territory"):
        imported(file(HEADER + "a,Halte,shelter,a.w,bed,women,3\n"), "Paris 75")


def test_without_stores_the_sentence_says_what_to_give(monkeypatch, tmp_path, file):
    monkeypatch.delenv("CAPACITY_REDIS_URL", raising=False)
    monkeypatch.delenv("CAPACITY_DATABASE_URL", raising=False)
    monkeypatch.setattr("capacity.processes.datafolder.default_folder", lambda *, demo: tmp_path / str(demo))
    with pytest.raises(StartFailed, match="Give the --data folder of a capacity up"):
        imported(file(HEADER + "a,Halte,shelter,a.w,bed,women,3\n"), "75")
