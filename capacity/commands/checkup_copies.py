"""Judges the copies of the live store: replicas that a success waits for, and the Sentinels that would promote one."""

from collections.abc import Iterator, Sequence

from capacity.commands.checkup import Finding, bad, doubtful, good
from capacity.store.copies import Copies, Copy, Watchers

SUBJECT = "live store"
SILENT_SECONDS = 10
WAIT = "set CAPACITY_REDIS_MIN_REPLICAS=1 on every serve and record"


def check_copies(servers: Sequence[Copies], min_replicas: int) -> Iterator[Finding]:
    """The replicas of each server that takes writes, against how many a success waits for. Law 6."""
    for number, server in enumerate(servers, start=1):
        name = f"primary {number} of {len(servers)}" if len(servers) > 1 else "primary"
        if not server.is_primary:
            yield bad(SUBJECT, "is a replica, which takes nothing", "correct CAPACITY_REDIS_URL, or use its Sentinels")
            continue
        online = [copy for copy in server.replicas if copy.seen.is_online]
        yield from _number(name, len(online), min_replicas)
        for copy in server.replicas:
            yield from _copy(copy, min_replicas)


def check_watchers(watchers: Watchers | None) -> Iterator[Finding]:
    """The Sentinels of the address."""
    if watchers is None:
        return
    if watchers.answering < watchers.named:
        said = f"{watchers.named - watchers.answering} of {watchers.named} Sentinels do not answer"
        yield bad(SUBJECT, said, "start them, or correct CAPACITY_REDIS_URL")
    else:
        yield good(SUBJECT, f"all Sentinels of the address answer ({watchers.named})")
    if watchers.flaw:
        yield bad(SUBJECT, f"the Sentinels could not fail over: {watchers.flaw}", "start those that are missing")
    elif watchers.answering:
        yield good(SUBJECT, "the Sentinels have a quorum and could fail over")


def _number(name: str, online: int, min_replicas: int) -> Iterator[Finding]:
    there = f"the {name} has {online} {'replica' if online == 1 else 'replicas'}"
    if online < min_replicas:
        yield bad(SUBJECT, f"{there}, and a success waits for {min_replicas}: nothing is taken", "start the replicas")
    elif min_replicas and online == min_replicas:
        advice = "have one more, or nothing is taken from the loss of one server until it is back"
        yield doubtful(SUBJECT, f"{there}, and a success waits for all of them", advice)
    elif min_replicas:
        yield good(SUBJECT, f"{there}, and a success waits for the disk of {min_replicas}")
    elif online:
        said = f"{there}, and no success waits for them: a failover may lose the last moments"
        yield doubtful(SUBJECT, said, WAIT)


def _copy(copy: Copy, min_replicas: int) -> Iterator[Finding]:
    name = f"the replica {copy.seen.host}:{copy.seen.port}"
    if not copy.seen.is_online or copy.seen.silent_seconds > SILENT_SECONDS:
        yield bad(SUBJECT, f"{name} does not follow ({copy.seen.behind_bytes:,} bytes behind)", "look at its log")
        return
    if copy.appendonly == "no":
        verdict = bad if min_replicas else doubtful
        yield verdict(SUBJECT, f"{name} keeps nothing on disk", "CONFIG SET appendonly yes there, and in its file")
    elif copy.appendonly is None:
        yield doubtful(SUBJECT, f"{name} does not show its configuration", "make sure of appendfsync always there")
    elif copy.appendfsync != "always" and min_replicas:
        said = f"{name} syncs once a second (appendfsync {copy.appendfsync}): a success waits or fails"
        yield bad(SUBJECT, said, "CONFIG SET appendfsync always there, and in its file")
    else:
        yield good(SUBJECT, f"{name} follows, {copy.seen.behind_bytes:,} bytes behind")
