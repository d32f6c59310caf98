"""What one round leaves behind: what was asked and answered, what the ledger keeps, what everybody sees at its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
Rows = Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A command that was answered with success; `seq` is the number it was told, None where that is not its own."""

    id: str
    seq: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """One number of the ledger: the command, and the row of each pool that it changed."""

    seq: int
    command: Mapping[str, Any]
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """What somebody sees: who, up to which number, the rows by pool without those that are gone, what was odd."""

    who: str
    seq: int
    rows: Rows
    oddities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """One territory's round, once all is quiet. The first of `boards` is what the others are held against."""

    accepted: tuple[Accepted, ...]
    refused: frozenset[str]
    given_up: frozenset[str]
    """Commands whose senders never learned what became of them."""
    unanswered: tuple[str, ...]
    """Commands that nobody answered though all was well again."""
    ledger: tuple[Kept, ...]
    boards: tuple[Picture, ...]
    readers: tuple[Picture, ...]
    holds: tuple[Mapping[str, Any], ...]
    """The active holds, as the wire shows them."""
    pools: Mapping[str, int]
    """The registry as it was last accepted: the capacity of each pool."""
    began_ms: int
    ended_ms: int
    findings: tuple[str, ...] = ()
    """What the checkup of both stores finds wrong, and which process ended without being killed."""
