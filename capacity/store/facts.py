"""What a numbered command changed of the live store's facts, as its functions tell the recorder. See `_shared.lua`."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from capacity.board.changes import Entry


@dataclass(slots=True)
class Changed:
    """What a batch of commands came to for one hash of the live store.

    `seq` is the number of the last one, `anew_since` that of the last one that wrote the hash anew, None if none did.
    """

    seq: int = 0
    anew_since: int | None = None
    facts: dict[str, str] = field(default_factory=dict)


def digest_of(kept: bytes) -> str | None:
    """The digest of what was answered to a command; None for a command that nobody sent."""
    return kept.partition(b"\n")[0].decode() or None


def changed_facts(entries: Iterable[Entry]) -> dict[str, Changed]:
    """What some commands changed, oldest first, by the names of the hashes."""
    found: dict[str, Changed] = {}
    for entry in entries:
        for line in entry.kept.decode().split("\n")[1:]:
            key, *words = line.split("\t")
            is_anew = key.startswith("!")
            changed = found.setdefault(key.removeprefix("!"), Changed())
            changed.seq = entry.seq
            if is_anew:
                changed.anew_since, changed.facts = entry.seq, {}
            changed.facts |= dict(zip(words[::2], words[1::2], strict=True))
    return found
