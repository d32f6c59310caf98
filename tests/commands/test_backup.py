"""Backups: what was written comes back whole, on this schema or a newer one; anything else is one sentence."""

import asyncio
import stat
from collections import Counter

import asyncpg
import pytest

from capacity.commands.backup import Backup, Restore, back_up, restore
from capacity.errors import FileRefused, StartFailed
from capacity.processes import migrating
from capacity.store.lock import RecorderLock
from capacity.vocabulary.roles import Role
from capacity.wire.holds import HoldBody
from tests.services.test_rebuilding import all_of, lose
from tests.world import NOW_MS, new_id, report, site, world_of

WOMEN = "halte.women"
KEY = "a key that is long enough"


@pytest.fixture
async def world(redis_url, database, territory):
    async with world_of(redis_url, database, territory) as world:
        await world.put(site("halte", WOMEN, "halte.men", name="Halte « é » \\ \t 🏠"))
        await world.post(report("count", WOMEN, NOW_MS - 1, occupied=4), report("movement", WOMEN, delta=1))
        asked = {"id": new_id(), "lines": [{"pool": WOMEN, "places": 2}], "minutes": 45}
        await world.holding.create(world.name, HoldBody.model_validate(asked), owner="team-7")
        await world.token(Role.ADMIN)
        await world.recording.catch_up(world.name)
        yield world


@pytest.fixture
def file(tmp_path):
    return tmp_path / "night.backup"


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "key"
    path.write_text(KEY + "\n")
    return path


@pytest.fixture(autouse=True)
def at_the_database(database, monkeypatch):
    monkeypatch.setenv("CAPACITY_DATABASE_URL", database)
    monkeypatch.delenv("CAPACITY_BACKUP_KEY", raising=False)


async def backed_up(file, key_file=None):
    await asyncio.to_thread(back_up, Backup(file, key_file, None))


async def restored(file, key_file=None, *, dry_run=False, replace=False):
    await asyncio.to_thread(restore, Restore(file, key_file, None, dry_run, replace))


async def all_tables(database):
    """Every row of every table but when each migration was applied, and how far each sequence is."""
    connection = await asyncpg.connect(database)
    names = [line["tablename"] for line in await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration'"
    )]  # fmt: skip
    found = {
        name: Counter(line["row"] for line in await connection.fetch(f'SELECT t::text AS row FROM "{name}" AS t'))
        for name in names
    }
    found["sequences"] = Counter(
        (line["sequencename"], line["last_value"]) for line in await connection.fetch("SELECT * FROM pg_sequences")
    )
    await connection.close()
    return found


async def wiped(database):
    connection = await asyncpg.connect(database)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()


@pytest.mark.parametrize("is_locked", [False, True])
async def test_the_drill_both_stores_lost_and_everything_back(world, database, file, key_file, is_locked):
    key = key_file if is_locked else None
    tables, board, (epoch, seq) = await all_tables(database), await all_of(world), await world.live.position(world.name)
    assert sum(tables["ledger"].values()) == 5
    await backed_up(file, key)
    await wiped(database)
    await lose(world)
    await restored(file, key)
    assert await all_tables(database) == tables
    assert await world.registering.mend() == {world.name: 2}
    assert await all_of(world) == board
    new_epoch, new_seq = await world.live.position(world.name)
    assert (new_epoch != epoch, new_seq) == (True, seq)
    (moved,) = await world.post(report("movement", WOMEN, delta=1))
    assert (moved["seq"], moved["row"]["occupied"], moved["row"]["held"]) == (seq + 1, 6, 2)
    await world.put(site("halte", WOMEN, "halte.men", "halte.new"))
    assert await world.recording.catch_up(world.name) == await world.seq()


async def test_what_happens_during_a_backup_is_not_half_in_it(world, database, file):
    tables = await all_tables(database)

    async def go_on():
        for _ in range(20):
            await world.post(report("movement", WOMEN, delta=1))
            await world.recording.catch_up(world.name)

    await asyncio.gather(backed_up(file), go_on())
    await wiped(database)
    await restored(file)
    kept = await all_tables(database)
    cursor = await world.ledger.cursor(world.name)
    assert sum(kept["ledger"].values()) == cursor.seq >= sum(tables["ledger"].values())


async def test_a_backup_of_an_older_version_is_brought_to_this_one(world, database, file, monkeypatch):
    connection = await asyncpg.connect(database)
    scripts = migrating.files()
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await migrating.migrate(database, scripts[:-1])
    await connection.execute(
        "INSERT INTO territories (territory, name, version) VALUES ('75', 'Paris', 7);"
        "INSERT INTO ledger (territory, seq, type, outcome, observed_at, received_at, body)"
        " VALUES ('75', 1, 'search_empty', 'applied', now(), now(), '{}')"
    )
    await backed_up(file)
    await restored(file, replace=True)
    names = [line["name"] for line in await connection.fetch("SELECT name FROM migration ORDER BY name")]
    assert names == [script.name for script in scripts]
    assert await connection.fetchval("SELECT count(*) FROM ledger WHERE digest IS NULL") == 1
    monkeypatch.setattr(migrating, "files", lambda: scripts[:-1])
    await backed_up(file.with_name("newer"))
    await connection.close()
    with pytest.raises(FileRefused, match="newer version"):
        await restored(file.with_name("newer"), replace=True)


async def test_only_its_owner_reads_the_file_and_no_other_is_overwritten(world, file):
    await backed_up(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    with pytest.raises(FileRefused, match="never takes the place"):
        await backed_up(file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


async def test_a_locked_backup_tells_nothing_and_opens_to_its_key_only(world, file, key_file, tmp_path, monkeypatch):
    await backed_up(file, key_file)
    assert b"Halte" not in file.read_bytes()
    with pytest.raises(FileRefused, match="is encrypted: give its key"):
        await restored(file, dry_run=True)
    other = tmp_path / "other"
    other.write_text("another key, long enough")
    with pytest.raises(FileRefused, match="this is not its key"):
        await restored(file, other, dry_run=True)
    other.write_text("short")
    with pytest.raises(FileRefused, match="too short"):
        await restored(file, other, dry_run=True)
    monkeypatch.setenv("CAPACITY_BACKUP_KEY", KEY)
    await restored(file, dry_run=True)


@pytest.mark.parametrize("is_locked", [False, True])
async def test_a_file_that_was_cut_or_changed_anywhere_is_refused_and_nothing_taken(
    world, database, file, key_file, is_locked, monkeypatch
):
    monkeypatch.setattr("capacity.commands.backup_file.CHUNK_BYTES", 700)
    key = key_file if is_locked else None
    await backed_up(file, key)
    whole, before = file.read_bytes(), await all_tables(database)
    damaged = file.with_name("damaged")
    step = len(whole) // 23
    for at in range(1, len(whole), step):
        flipped = bytearray(whole)
        flipped[at] ^= 1
        for content in (whole[:at], bytes(flipped)):
            damaged.write_bytes(content)
            with pytest.raises(FileRefused):
                await restored(damaged, key, dry_run=True)
    for content in (whole[:-1], whole[: -(len(whole) // 3)], b"", b"PK\x03\x04", whole + whole):
        damaged.write_bytes(content)
        with pytest.raises(FileRefused):
            await restored(damaged, key, replace=True)
    assert await all_tables(database) == before


async def test_a_database_in_use_is_only_replaced_when_that_was_said(world, database, file):
    await backed_up(file)
    await world.post(report("movement", WOMEN, delta=1))
    await world.recording.catch_up(world.name)
    before = await all_tables(database)
    with pytest.raises(StartFailed, match="not empty"):
        await restored(file)
    async with RecorderLock(database).held():
        with pytest.raises(StartFailed, match="recorder is at work"):
            await restored(file, replace=True)
    assert await all_tables(database) == before
    await restored(file, replace=True)
    assert sum((await all_tables(database))["ledger"].values()) == 5


async def test_a_dry_run_says_what_is_in_it_and_changes_nothing(world, database, file, capsys):
    await backed_up(file)
    capsys.readouterr()
    await wiped(database)
    await restored(file, dry_run=True)
    said = capsys.readouterr().out
    assert f"{world.name}: " in said
    assert "ledger up to number 5" in said
    assert "ledger 5" in said
    assert "fits this version's schema" in said
    assert await all_tables(database) == {"sequences": Counter()}


async def test_a_database_without_our_tables_has_nothing_to_back_up(database, file):
    await wiped(database)
    with pytest.raises(StartFailed, match="nothing to back up"):
        await backed_up(file)
    assert not file.exists()
