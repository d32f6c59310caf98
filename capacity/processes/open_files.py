"""As many open files as the machine lets us have: each connection is one, and running out of them stops everything."""

import sys

import structlog

if sys.platform != "win32":
    import resource

KEPT_FOR_OURSELVES = 256
"""The stores' connections, the log, and what is opened in passing."""

log = structlog.get_logger(__name__)


def at_most(connections: int) -> int:
    """So many connections, or as many as can be: beyond that they are refused instead of everything else."""
    if sys.platform == "win32":  # it has no such limit
        return connections
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + KEPT_FOR_OURSELVES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    possible = max(1, soft - KEPT_FOR_OURSELVES)
    log.warning("fewer connections than asked for: raise the limit of open files (ulimit -n)", connections=possible)
    return possible
