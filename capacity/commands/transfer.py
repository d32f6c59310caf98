"""`capacity import` and `capacity export`: the registry from and to a file, by way of the stores themselves."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from rich.console import Console

from capacity.board.clocks import system_clock
from capacity.commands.mapping import read_mapping
from capacity.commands.readings import sites_of
from capacity.commands.registry_csv import read_csv, write_csv
from capacity.commands.registry_json import read_json, write_json
from capacity.commands.stores import addresses
from capacity.commands.tables import read_table, read_text
from capacity.errors import FileRefused, StoreUnavailable, UnknownTerritory
from capacity.services.registering import Registering
from capacity.store.audit import at_this_machine
from capacity.store.live import LiveStore
from capacity.store.postgres import Database
from capacity.store.registry import Edit, RegistryStore
from capacity.vocabulary.acts import Act
from capacity.vocabulary.slugs import is_territory
from capacity.wire.registry import Site

NAMES_SHOWN = 10
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Import:
    """What was asked for on the command line."""

    file: Path
    territory: str
    name: str | None
    dry_run: bool
    mapping: Path | None
    encoding: str | None
    data: Path | None


@dataclass(frozen=True, slots=True)
class Export:
    """What was asked for on the command line."""

    territory: str
    as_json: bool
    output: Path | None
    excel: bool
    data: Path | None


def import_file(request: Import) -> None:
    """Create or replace the file's sites, or only say what that would do."""
    if not is_territory(request.territory):
        raise FileRefused(f"{request.territory!r} cannot name a territory: letters a to z, digits and dashes can")
    sites = read_sites(request.file, request.mapping, request.encoding)
    edit = asyncio.run(_import(request, sites))
    console = Console(highlight=False, soft_wrap=True)
    pools = sum(len(site.pools) for site in sites)
    console.print(f"{request.file}: {len(sites):,} sites with {pools:,} pools for the territory {request.territory}")
    would = "would be " if request.dry_run else ""
    for word, site_ids in (("created", edit.created), ("changed", edit.changed), ("unchanged", edit.unchanged)):
        named = "" if word == "unchanged" else _named(site_ids)
        console.print(f"{would}{word}: {len(site_ids):,}{named}")


def read_sites(file: Path, mapping: Path | None, encoding: str | None) -> list[Site]:
    """The sites of a file: of any table with a mapping, else JSON by its ending, else CSV. Raises FileRefused."""
    if mapping is not None:
        mapped = read_mapping(mapping)
        table = read_table(read_text(file, encoding or mapped.encoding), file.name)
        sites = sites_of(table, mapped)
    elif file.suffix.lower() == ".json":
        sites = read_json(read_text(file, encoding), file.name)
    else:
        sites = read_csv(read_text(file, encoding), file.name)
    if not sites:
        raise FileRefused(f"{file}: there is no site in it")
    return sites


def export_file(request: Export) -> None:
    """Write the territory's sites, to the terminal or to a file that is replaced only when all is there."""
    sites = asyncio.run(_export(request))
    if request.as_json:
        text = write_json(sites)
    else:
        text = BOM + write_csv(sites, separator=";") if request.excel else write_csv(sites)
    if request.output is None:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a terminal's is a TextIOWrapper
        sys.stdout.write(text)
        return
    try:
        beside = request.output.with_name(f".{request.output.name}.part")
        beside.write_text(text, "utf-8")
        beside.replace(request.output)
    except OSError as exc:
        raise FileRefused(f"{request.output} cannot be written: {exc.strerror}") from exc
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"{len(sites):,} sites written to {request.output}")


async def _import(request: Import, sites: list[Site]) -> Edit:
    async with _registering(request.data) as (registering, _):
        try:
            noted = at_this_machine(request.territory, Act.SITE_PUT, system_clock())
            return await registering.import_sites(
                request.territory, request.name, sites, dry_run=request.dry_run, noted=noted
            )
        except StoreUnavailable as exc:
            said = "The registry has the sites, the board does not yet: the live store cannot be reached. "
            raise StoreUnavailable(said + "Import the file again, or restart `capacity serve`.") from exc


async def _export(request: Export) -> list[Site]:
    async with _registering(request.data) as (_, registry):
        if request.territory not in {territory.id for territory in await registry.territories()}:
            raise UnknownTerritory(f"There is no territory {request.territory}.")
        return await registry.sites(request.territory)


@asynccontextmanager
async def _registering(data: Path | None) -> AsyncIterator[tuple[Registering, RegistryStore]]:
    found = addresses(data)
    async with (
        LiveStore.open(found.redis_url, found.min_replicas) as live,
        Database.open(found.database_url) as database,
    ):
        registry = RegistryStore(database)
        yield Registering(registry, live, clock=system_clock, new_id=lambda: str(uuid4())), registry


def _named(site_ids: list[str]) -> str:
    shown = ", ".join(site_ids[:NAMES_SHOWN])
    more = f" and {len(site_ids) - NAMES_SHOWN:,} more" if len(site_ids) > NAMES_SHOWN else ""
    return f" ({shown}{more})" if site_ids else ""
