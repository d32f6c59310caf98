"""Who is asked to come later first, when more is asked of a process than it can do. Pure rules on numbers.

Whoever looks back can wait, and so can whoever has a picture already; a count that somebody at a door has just made is
refused last. The order of `Kind` is that order, and every column of the table rises with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What a request is for; those that can wait best come first."""

    LOOKING_BACK = "looking_back"
    """History, ledger, audit and explanations, the documents, and whatever is asked by nobody that we know."""
    BOARD = "board"
    """A board or a list of sites over HTTP, a page and its files."""
    PASSWORD = "password"  # noqa: S105  # the word is all that it holds
    """Signing in by a password, which costs a slow hash."""
    SIGNING_IN = "signing_in"
    """Signing in by anything else."""
    JOINING = "joining"
    """One more reader of the feed. Those that are in stay."""
    RECHECKING = "rechecking"
    """A board by who has one: nearly always answered with 304 and no body."""
    DIRECTING = "directing"
    """Holds, requests and searches of the people of the 115 and the street, and edits of the registry."""
    REPORTING = "reporting"
    """Reports from the sites."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How much pressure a kind may still be served under.

    Up to `served_seconds` of lag all are served, from `refused_seconds` on none, in between a growing share is refused.
    None is served while `calls` or more calls to the live store wait for their answers. Whoever is refused comes back
    after a time between the two of `retry_seconds`, each at another one.
    """

    served_seconds: float
    refused_seconds: float
    calls: int
    retry_seconds: tuple[int, int]


TABLE: Mapping[Kind, Patience] = MappingProxyType(
    {
        Kind.LOOKING_BACK: Patience(0.25, 0.5, 128, (10, 30)),
        Kind.BOARD: Patience(0.5, 1.0, 256, (5, 15)),
        Kind.PASSWORD: Patience(0.5, 1.0, 256, (3, 9)),
        Kind.SIGNING_IN: Patience(0.5, 1.0, 256, (3, 9)),
        Kind.JOINING: Patience(0.5, 1.0, 256, (3, 9)),
        Kind.RECHECKING: Patience(0.75, 1.5, 320, (3, 9)),
        Kind.DIRECTING: Patience(1.0, 2.0, 384, (2, 6)),
        Kind.REPORTING: Patience(2.0, 4.0, 512, (2, 6)),
    }
)
"""512 calls are some 50 ms of a core's work and one wait for the disk: as long as a person should wait for a tap."""
LEAST_LAG_SECONDS = min(patience.served_seconds for patience in TABLE.values())
FEWEST_CALLS = min(patience.calls for patience in TABLE.values())
"""Below both of these nobody is refused."""


def share_refused(kind: Kind, lag_seconds: float) -> float:
    """Which share of a kind is refused at this lag, 0 to 1."""
    patience = TABLE[kind]
    share = (lag_seconds - patience.served_seconds) / (patience.refused_seconds - patience.served_seconds)
    return min(1.0, max(0.0, share))


def retry_seconds(kind: Kind, chance: float) -> int:
    """When to come back; `chance`, from 0 up to 1, keeps those who were refused together from coming back so."""
    soonest, latest = TABLE[kind].retry_seconds
    return soonest + int(chance * (latest - soonest + 1))
