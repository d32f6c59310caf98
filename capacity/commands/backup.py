"""`capacity backup` and `capacity restore`: everything that Postgres has, to one file and from it."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from capacity.commands.backup_file import Record, Writer, records, written
from capacity.commands.stores import addresses
from capacity.errors import FileRefused, StartFailed
from capacity.processes import datafolder, migrating
from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import running
from capacity.processes.settings import read_settings
from capacity.processes.up import DATABASE
from capacity.store.dump import Dump, all_or_nothing, snapshot

KEY_VARIABLE = "CAPACITY_BACKUP_KEY"
SHORTEST_KEY = 16
MANIFEST, TABLE, ROWS, DONE, END = b"M", b"T", b"D", b"E", b"Z"


@dataclass(frozen=True, slots=True)
class Backup:
    """What was asked for on the command line."""

    file: Path
    key_file: Path | None
    data: Path | None


@dataclass(frozen=True, slots=True)
class Restore:
    """What was asked for on the command line."""

    file: Path
    key_file: Path | None
    data: Path | None
    dry_run: bool
    replace: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself first."""

    made_at: str
    made_by: str
    migrations: list[str]
    sequences: dict[str, int]
    territories: list[dict[str, Any]]

    @classmethod
    def of(cls, body: bytes) -> "Manifest":
        return cls(**json.loads(body))


def back_up(request: Backup) -> None:
    """Write the backup and say what is in it. Raises FileRefused, StartFailed, LedgerUnavailable."""
    console, key = _console(), _key(request.key_file)
    with _database(request.data, is_alone=False) as url:
        manifest, rows = asyncio.run(_back_up(url, request.file, key, console))
    _tell(console, manifest, rows)
    sealed = (
        "encrypted" if key else f"NOT encrypted: give --key-file or {KEY_VARIABLE}, or keep it as safe as the database"
    )
    console.print(f"{request.file}: {request.file.stat().st_size:,} bytes, {sealed}")


def restore(request: Restore) -> None:
    """Put a backup into the database, all of it or nothing; or only say what is in it.

    Raises:
        FileRefused: it cannot be read whole, or does not fit; the database is as it was.
        StartFailed: the database is in use, or not empty.
    """
    console, key = _console(), _key(request.key_file)
    if request.dry_run:
        manifest, rows = _looked_through(request.file, key, console)
        _tell(console, manifest, rows)
        console.print(_fit(manifest))
        return
    with _database(request.data, is_alone=True) as url:
        manifest, rows = asyncio.run(_restore(url, request, key, console))
    _tell(console, manifest, rows)
    console.print("restored. Start capacity; then `capacity doctor` says whether the live store and the ledger agree")


async def _back_up(url: str, path: Path, key: bytes | None, console: Console) -> tuple[Manifest, Counter[str]]:
    rows: Counter[str] = Counter()
    async with snapshot(url) as dump:
        migrations = await dump.migrations()
        if not migrations:
            raise StartFailed("There is nothing to back up: this database has no tables of capacity.")
        tables = await dump.tables()
        manifest = Manifest(
            made_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            made_by=version("capacity"),
            migrations=migrations,
            sequences=await dump.sequences(),
            territories=[{"id": each.id, "name": each.name, "seq": each.seq} for each in await dump.territories()],
        )
        with written(path, key) as file, _progress(console) as progress:
            file.put(MANIFEST, _json({name: getattr(manifest, name) for name in Manifest.__slots__}))
            task = progress.add_task("", total=sum(table.bytes for table in tables) or 1)
            for table in tables:
                progress.update(task, description=table.name)
                file.put(TABLE, _json({"table": table.name, "columns": table.columns}))
                rows[table.name] = await dump.out(table, lambda data: _put(file, data))
                file.put(DONE, _json({"table": table.name, "rows": rows[table.name]}))
                progress.advance(task, table.bytes)
            file.put(END, b"")
    return manifest, rows


def _put(file: Writer, data: bytes) -> None:
    file.put(ROWS, data)


async def _restore(url: str, request: Restore, key: bytes | None, console: Console) -> tuple[Manifest, Counter[str]]:
    try:
        async with all_or_nothing(url) as dump:
            if not await dump.keep_recorders_away():
                raise StartFailed("A recorder is at work on this database: stop every capacity serve and record first.")
            if await dump.is_in_use() and not request.replace:
                raise StartFailed(
                    "This database is not empty. With --replace all that is in it is taken away for good."
                )
            with _progress(console) as progress:
                task = progress.add_task("", total=request.file.stat().st_size)
                found = records(request.file, key, lambda done: progress.advance(task, done))
                return await _put_back(dump, request.file, found, lambda name: progress.update(task, description=name))
    except OSError as exc:
        raise FileRefused(f"{request.file} cannot be read: {exc.strerror}.") from exc
    except asyncpg.PostgresError as exc:
        raise FileRefused(f"{request.file} does not fit the database, which is as it was: {exc}") from exc


async def _put_back(dump: Dump, path: Path, found: Iterator[Record], say: Any) -> tuple[Manifest, Counter[str]]:
    manifest = _manifest(path, found)
    known = {script.name: script.read_text("utf-8") for script in migrating.files()}
    if unknown := sorted(set(manifest.migrations) - known.keys()):
        raise FileRefused(f"{path} was made by a newer version of capacity: it has {unknown[-1]}.")
    await dump.make_anew([(name, known[name]) for name in manifest.migrations])
    rows: Counter[str] = Counter()
    for letter, body in found:
        if letter == END:
            for name, number in manifest.sequences.items():
                await dump.set_sequence(name, number)
            await dump.apply([(name, text) for name, text in known.items() if name not in manifest.migrations])
            _read_to_the_end(found)
            return manifest, rows
        table = json.loads(body)
        say(table["table"])
        part = _Rows(found)
        taken = await dump.into(table["table"], table["columns"], part.data())
        rows[table["table"]] = _checked(path, part.end, taken)
    raise FileRefused(f"{path} ends before its end. Nothing of it was taken.")


class _Rows:
    """The rows of one table, up to the record that ends them."""

    def __init__(self, found: Iterator[Record]) -> None:
        self._found = found
        self.end: dict[str, Any] = {}

    async def data(self) -> AsyncIterator[bytes]:
        for letter, body in self._found:
            if letter == DONE:
                self.end = json.loads(body)
                return
            yield body


def _looked_through(path: Path, key: bytes | None, console: Console) -> tuple[Manifest, Counter[str]]:
    """Read all of a file, so that what is wrong with it is known before it is needed."""
    rows: Counter[str] = Counter()
    try:
        size = path.stat().st_size
    except OSError as exc:
        raise FileRefused(f"{path} cannot be read: {exc.strerror}.") from exc
    with _progress(console) as progress:
        task = progress.add_task("", total=size)
        found = records(path, key, lambda done: progress.advance(task, done))
        manifest = _manifest(path, found)
        last = MANIFEST
        for letter, body in found:
            last = letter
            if letter == DONE:
                told = json.loads(body)
                rows[told["table"]] = told["rows"]
                progress.update(task, description=told["table"])
    if last != END:
        raise FileRefused(f"{path} ends before its end.")
    return manifest, rows


def _manifest(path: Path, found: Iterator[Record]) -> Manifest:
    letter, body = next(found, (b"", b""))
    if letter != MANIFEST:
        raise FileRefused(f"{path} does not say what is in it.")
    return Manifest.of(body)


def _read_to_the_end(found: Iterator[Record]) -> None:
    """The last chunk's seal is only looked at when it is read."""
    for _ in found:
        pass


def _checked(path: Path, end: dict[str, Any], taken: int) -> int:
    if end.get("rows") != taken:
        raise FileRefused(f"{path} has {taken:,} rows where it says {end.get('rows')}. Nothing of it was taken.")
    return taken


def _fit(manifest: Manifest) -> str:
    known = [script.name for script in migrating.files()]
    if unknown := sorted(set(manifest.migrations) - set(known)):
        return f"does not fit: it was made by a newer version of capacity (it has {unknown[-1]})"
    missing = [name for name in known if name not in manifest.migrations]
    return f"fits; {len(missing)} newer migrations would follow" if missing else "fits this version's schema"


def _tell(console: Console, manifest: Manifest, rows: Counter[str]) -> None:
    console.print(f"as it was at {manifest.made_at}, by capacity {manifest.made_by}")
    for each in manifest.territories:
        console.print(f"  {each['id']}: {each['name']}, ledger up to number {each['seq']:,}")
    counted = ", ".join(f"{name} {count:,}" for name, count in sorted(rows.items()) if count)
    console.print(f"{sum(rows.values()):,} rows: {counted}")


def _key(key_file: Path | None) -> bytes | None:
    """The key of the file that was named, else of the environment. Raises FileRefused."""
    if key_file is None:
        said = os.environ.get(KEY_VARIABLE, "")
    else:
        try:
            said = key_file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise FileRefused(f"The key file {key_file} cannot be read.") from exc
    key = said.strip().encode()
    if not key and key_file is None:
        return None
    if len(key) < SHORTEST_KEY:
        raise FileRefused(f"The key is too short: {SHORTEST_KEY} signs at least. `openssl rand -base64 32` makes one.")
    return key


@contextmanager
def _database(data: Path | None, *, is_alone: bool) -> Iterator[str]:
    """The database's address. A data folder on which no `up` runs gets its Postgres started for as long as this lasts.

    Raises:
        StartFailed: `is_alone`, and an `up` runs on it.
    """
    if data is None or (not is_alone and (data / "postgres" / "postmaster.pid").exists()):
        yield (
            read_settings().ledger_url
            if data is None and "CAPACITY_DATABASE_URL" in os.environ
            else addresses(data).database_url
        )
        return
    with ExitStack() as stack:
        folder = stack.enter_context(datafolder.opened(data, "capacity restore" if is_alone else "capacity backup"))
        engine = Postgres(folder)
        stack.enter_context(running(engine))
        asyncio.run(migrating.create_database(engine.url("postgres"), DATABASE))
        yield engine.url(DATABASE)


def _progress(console: Console) -> Progress:
    columns = BarColumn(), DownloadColumn(), TimeRemainingColumn(), TextColumn("{task.description}")
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True, markup=False)


def _json(said: Any) -> bytes:
    return json.dumps(said).encode()
