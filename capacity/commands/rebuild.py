"""`capacity rebuild`: makes a territory of the live store anew from the ledger, when somebody has decided to."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from rich.console import Console

from capacity.board.changes import Entry
from capacity.board.clocks import system_clock
from capacity.commands.stores import addresses
from capacity.errors import FileRefused, StartFailed
from capacity.services.comparing import Comparing
from capacity.services.rebuilding import Rebuilding
from capacity.services.registering import Registering
from capacity.store.ledger import LedgerStore
from capacity.store.live import LiveStore
from capacity.store.postgres import Database
from capacity.store.rebuild import RebuildStore
from capacity.store.registry import RegistryStore

ENTRIES_A_READ = 1_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    territory: str
    discard: bool
    lacking: Path | None
    data: Path | None


def run(wish: Wish) -> None:
    """Rebuild it and say what came of it. Raises StartFailed, FileRefused, LedgerUnavailable, StoreUnavailable."""
    asyncio.run(_run(wish, Console(highlight=False, soft_wrap=True, markup=False)))


async def _run(wish: Wish, console: Console) -> None:
    found = addresses(wish.data)
    async with (
        LiveStore.open(found.redis_url, found.min_replicas) as live,
        Database.open(found.database_url) as database,
    ):
        registry, ledger = RegistryStore(database), LedgerStore(database)
        if wish.territory not in {each.id for each in await registry.territories()}:
            raise StartFailed(f"There is no territory {wish.territory} in this database.")
        await live.prepare()
        lacking = await _lacking(wish.territory, live, ledger)
        if lacking:
            _keep(wish, lacking, console)
        store, comparing = RebuildStore(database), Comparing(live, ledger)
        rebuilding = Rebuilding(store, live, comparing, clock=system_clock, new_id=lambda: str(uuid4()))
        pools = await rebuilding.rebuild(wish.territory, is_forced=True) or []
        await Registering(registry, live, clock=system_clock, new_id=lambda: str(uuid4())).mend()
        console.print(f"{wish.territory}: {len(pools):,} pools are as the ledger has them; a new epoch has begun")


async def _lacking(territory: str, live: LiveStore, ledger: LedgerStore) -> list[Entry]:
    """The commands that the live store's stream still has and the ledger does not."""
    found: list[Entry] = []
    after = 0
    while entries := await live.entries(territory, after, ENTRIES_A_READ):
        first, after = entries[0].seq, entries[-1].seq
        kept = {json.loads(body)["id"] for body in await ledger.commands(territory, first - 1, len(entries))}
        found += [entry for entry in entries if json.loads(entry.command)["id"] not in kept]
    return found


def _keep(wish: Wish, lacking: list[Entry], console: Console) -> None:
    """Write them where somebody can read them. Raises StartFailed unless that was asked for."""
    if not wish.discard:
        raise StartFailed(
            f"The live store has {len(lacking):,} commands of {wish.territory} that the ledger lacks. "
            "With --discard they are written to a file and taken off the board."
        )
    path = wish.lacking or Path(f"capacity-{wish.territory}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl")
    try:
        path.write_bytes(b"".join(entry.command + b"\n" for entry in lacking))
    except OSError as exc:
        raise FileRefused(f"{path} cannot be written: {exc.strerror}. Nothing was rebuilt.") from exc
    console.print(
        f"{len(lacking):,} commands that the ledger lacks are in {path}: say them again where they still hold"
    )
