"""Judges what the stores say of themselves: each invariant and setting, what is wrong, and what to do about it.

Pure: facts in, findings out. `doctor` fetches the facts and shows the findings.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from capacity.store.inspection import LedgerFacts, LedgerTerritory, LiveFacts, LiveTerritory
from capacity.store.registry import PoolEntry
from capacity.vocabulary.retention import Data
from capacity.vocabulary.words import Status

NAMES_SHOWN = 5
REBUILD = "stop the writers, keep a copy of both stores, and report this: it should be impossible"
RESTART = "restart `capacity serve`: it brings the board up to the registry when it starts"


class Verdict(StrEnum):
    """What a check came to."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of one thing. `advice` is empty when all is well."""

    verdict: Verdict
    subject: str
    said: str
    advice: str = ""


def good(subject: str, said: str) -> Finding:
    """All is well."""
    return Finding(Verdict.GOOD, subject, said)


def bad(subject: str, said: str, advice: str) -> Finding:
    """Something is wrong."""
    return Finding(Verdict.BAD, subject, said, advice)


def doubtful(subject: str, said: str, advice: str) -> Finding:
    """It cannot be told, or it may be meant so."""
    return Finding(Verdict.DOUBTFUL, subject, said, advice)


def check_engine(facts: LiveFacts, library: str) -> Iterator[Finding]:
    """The live store's settings, and whether it runs the functions of this version (`library`). Law 6."""
    subject = "live store"
    yield good(subject, f"{facts.engine} {facts.version}")
    appendfsync = facts.settings.get("appendfsync")
    if appendfsync is None:
        yield doubtful(
            subject, "does not show its configuration", "make sure that appendonly is on, appendfsync always"
        )
    elif facts.settings.get("appendonly") != "yes":
        yield bad(subject, "keeps nothing on disk", "CONFIG SET appendonly yes, and in its configuration file")
    elif appendfsync != "always":
        said = f"every write is waited for on disk, one by one (appendfsync {appendfsync}): safe, and slower"
        yield doubtful(subject, said, "CONFIG SET appendfsync always, where this server is ours alone")
    else:
        yield good(subject, "every write is on disk before it is answered (appendfsync always)")
    policy = facts.settings.get("maxmemory-policy", "noeviction")
    if policy != "noeviction":
        yield bad(subject, f"may throw keys away (maxmemory-policy {policy})", "CONFIG SET maxmemory-policy noeviction")
    if facts.library is None:
        yield bad(subject, "has no functions", "start `capacity serve`, which loads them")
    elif facts.library != library:
        yield bad(subject, "has the functions of another version", "restart `capacity serve` from this version")
    else:
        yield good(subject, "has the functions of this version")


def check_database(facts: LedgerFacts, migrations: Sequence[str]) -> Iterator[Finding]:
    """Postgres' settings, its schema against the migrations of this version, and who records. Law 6."""
    subject = "ledger"
    yield good(subject, f"Postgres {facts.version_num // 10_000}.{facts.version_num % 10_000}")
    off = [name for name, value in facts.settings.items() if value == "off"]
    if off:
        yield bad(subject, f"may lose what was kept: {', '.join(sorted(off))} off", "switch it on in postgresql.conf")
    else:
        yield good(subject, "keeps its commits through a crash")
    missing = sorted(set(migrations) - set(facts.migrations))
    unknown = sorted(set(facts.migrations) - set(migrations))
    if unknown:
        yield bad(subject, f"has the schema of a newer version ({unknown[-1]})", "use that version of capacity")
    elif missing:
        yield bad(subject, f"lacks {some(missing)}", "run `capacity migrate`")
    else:
        yield good(subject, f"has the schema of this version ({len(migrations)} migrations)")
    if len(facts.recorders) == 1:
        recorder = facts.recorders[0]
        since = f" since {recorder.since:%Y-%m-%d %H:%M:%S %Z}" if recorder.since else ""
        yield good(
            "recorder", f"holds its lock{since} (backend {recorder.pid}, {recorder.address or 'a local socket'})"
        )
    else:
        yield bad("recorder", "nobody holds its lock: nothing is recorded", "start `capacity record`")


def check_retention(overdue: Mapping[Data, int]) -> Iterator[Finding]:
    """Whether everything that is over was taken away in time; `overdue` is what was not, by kind."""
    subject = "retention"
    kept = [f"{count:,} {data}" for data, count in overdue.items() if count]
    if kept:
        advice = "start `capacity record`, which takes it away when it starts and each day; look at its log"
        yield bad(subject, f"kept longer than it may be: {', '.join(kept)}", advice)
    else:
        yield good(subject, "nothing is kept longer than it may be")


def check_board(name: str, live: LiveTerritory) -> Iterator[Finding]:
    """A territory's rows by themselves: law 1's sum, the stamps of law 8, the facts that each row is computed from."""
    subject = f"territory {name}"
    rows = {pool: row for pool, row in live.rows.items() if not row.get("gone")}
    wrong_sums = [pool for pool, row in rows.items() if (row["free"], row["over"]) != sums(row)]
    yield _all("rows keep law 1 (free is the sum)", subject, len(rows), wrong_sums)
    stamps_off = [pool for pool, row in live.rows.items() if live.stamps.get(pool) != row["seq"]]
    stamps_off += sorted(live.stamps.keys() - live.rows.keys())
    yield _all("rows carry the number of their stamp", subject, len(live.rows), stamps_off)
    ahead = [pool for pool, row in live.rows.items() if row["seq"] > live.seq]
    yield _all(f"rows are not ahead of number {live.seq:,}", subject, len(live.rows), ahead)
    unlike = [pool for pool, row in rows.items() if not _is_of(row, live.facts.get(pool, {}))]
    yield _all("rows show the facts that they are computed from", subject, len(rows), unlike)


def check_stream(name: str, live: LiveTerritory, ledger: LedgerTerritory | None) -> Iterator[Finding]:
    """A territory's numbers: without a gap from the ledger's first to the stream's last. Laws 4 and 6.

    `ledger` must have been read after `live`: what the recorder did in between can only have closed a distance.
    """
    subject = f"territory {name}"
    first, last = _span(live)
    if live.stream_ids is None:
        yield good(subject, "stream: empty")
    elif last - first + 1 != live.stream_length or any(not each.endswith("-0") for each in live.stream_ids):
        yield bad(subject, f"stream: {live.stream_length:,} entries from {first:,} to {last:,}", REBUILD)
    elif last != live.seq:
        yield bad(subject, f"stream: ends at {last:,}, the territory is at {live.seq:,}", REBUILD)
    else:
        yield good(subject, f"stream: {first:,} to {last:,} without a gap")
    if ledger is None or ledger.epoch is None:
        yield from _unrecorded(subject, live.seq)
        return
    if ledger.epoch != live.epoch:
        advice = "the live store was made anew: start `capacity record` and `capacity serve` to rebuild it"
        yield bad(subject, f"ledger: follows epoch {ledger.epoch}, the live store is of {live.epoch}", advice)
        return
    if live.stream_ids is not None and first > ledger.seq + 1:
        said = f"ledger: ends at {ledger.seq:,} and the stream begins at {first:,}: what lies between is lost"
        yield bad(subject, said, REBUILD)
    elif ledger.seq > live.seq:
        said = f"ledger: has {ledger.seq - live.seq:,} commands more than the live store"
        yield bad(subject, said, "start `capacity serve`: it rebuilds the territory from the ledger")
    elif ledger.seq < live.seq:
        said = f"ledger: {live.seq - ledger.seq:,} commands behind"
        yield doubtful(subject, said, "ask again in a moment; if it grows, look at `capacity record`")
    else:
        yield good(subject, "ledger: has every command")


def check_ledger(name: str, ledger: LedgerTerritory) -> Iterator[Finding]:
    """The numbers that the ledger keeps of a territory: each once, from 1, up to its cursor. Law 6.

    Of a long ledger only the end is looked at for gaps, and the finding says so.
    """
    subject = f"territory {name}"
    last = ledger.last or 0
    if ledger.gaps:
        yield bad(subject, f"ledger: gaps after {some([f'{seq:,}' for seq in ledger.gaps])}", REBUILD)
    elif ledger.first not in {None, 1}:
        yield bad(subject, f"ledger: begins at {ledger.first:,}", REBUILD)
    elif ledger.seq != last:
        yield bad(subject, f"ledger: its cursor is at {ledger.seq:,}, its last command is {last:,}", REBUILD)
    elif ledger.count < last:
        yield good(subject, f"ledger: 1 to {last:,}; the last {ledger.count:,} were looked at, without a gap")
    else:
        yield good(subject, f"ledger: {ledger.count:,} commands without a gap")


def check_registry(name: str, live: LiveTerritory | None, entries: Iterable[PoolEntry]) -> Iterator[Finding]:
    """A territory's registry against its board: the same pools, at the same sites, with the same registered figures."""
    subject = f"territory {name}"
    registered = {entry.pool_id: entry for entry in entries if not entry.removed}
    facts = live.facts if live else {}
    shown = {pool for pool, row in live.rows.items() if not row.get("gone")} if live else set()
    missing, extra = sorted(registered.keys() - shown), sorted(shown - registered.keys())
    unlike = [
        pool
        for pool in sorted(registered.keys() & shown)
        if not _is_registered_as(facts.get(pool, {}), registered[pool])
    ]
    for said, pools in (
        ("registered and not on the board", missing),
        ("on the board and not registered", extra),
        ("on the board otherwise than registered", unlike),
    ):
        if pools:
            yield bad(subject, f"registry: {len(pools):,} pools {said}: {some(pools)}", RESTART)
    if not missing and not extra and not unlike:
        yield good(subject, f"registry: {len(registered):,} pools, all on the board as registered")


def sums(row: Mapping[str, Any]) -> tuple[int, int]:
    """What `free` and `over` must be. Law 1."""
    left = row["capacity"] + row["extra"] - row["out_of_service"] - row["occupied"] - row["held"]
    return (max(0, left) if row["status"] == Status.OPEN else 0), max(0, -left)


def _is_of(row: Mapping[str, Any], facts: Mapping[str, str]) -> bool:
    try:
        occupied = max(0, int(facts["count"]) + int(facts["moved"]))
        plain = all(str(row[name]) == facts[name] for name in ("capacity", "extra", "out_of_service", "held", "status"))
        return plain and row["occupied"] == occupied and (row["observed_at"] or "") == facts["observed_at"]
    except (KeyError, ValueError):
        return False


def _is_registered_as(facts: Mapping[str, str], entry: PoolEntry) -> bool:
    said = facts.get("site"), facts.get("registered_capacity"), facts.get("fresh_for")
    return said == (entry.site_id, str(entry.capacity), str(entry.fresh_for))


def _unrecorded(subject: str, seq: int) -> Iterator[Finding]:
    if seq:
        yield doubtful(subject, f"ledger: has nothing yet, {seq:,} commands wait", "start `capacity record`")


def _span(live: LiveTerritory) -> tuple[int, int]:
    first, last = live.stream_ids or ("0-0", "0-0")
    return int(first.partition("-")[0]), int(last.partition("-")[0])


def _all(claim: str, subject: str, count: int, exceptions: Sequence[str]) -> Finding:
    if exceptions:
        return bad(subject, f"board: not all {claim}: {some(exceptions)}", REBUILD)
    return good(subject, f"board: all {count:,} {claim}")


def some(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
