"""A territory's keys in the live store: one hash tag a territory, so that a cluster keeps them together."""

from dataclasses import dataclass

ALL_METAS = "{*}:meta"
"""The pattern of the meta keys of all territories."""


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of one territory."""

    meta: str
    """Hash: `epoch`, `seq`."""
    rows: str
    """Hash: pool to its row's JSON as on the wire, a tombstone once it is gone."""
    stamps: str
    """Sorted set: pool by the number at which its row last changed."""
    stream: str
    """Stream of numbered commands; an entry's id is its number and `-0`."""
    holds: str
    """Sorted set: each active hold by the moment of its end, in milliseconds."""
    codes: str
    """Hash: the code of each active hold to the hold."""
    _facts: str
    _movements: str
    _answer: str
    _hold: str
    _promises: str

    @classmethod
    def of(cls, territory: str) -> "Keys":
        """The keys of the territory of this name."""
        tag = "{" + territory + "}:"
        return cls(
            tag + "meta",
            tag + "rows",
            tag + "stamps",
            tag + "stream",
            tag + "holds",
            tag + "codes",
            tag + "pool:",
            tag + "movements:",
            tag + "answer:",
            tag + "hold:",
            tag + "promises:",
        )

    def facts(self, pool_id: str) -> str:
        """Hash: what the row of a pool is computed from, fact by fact with its moment."""
        return self._facts + pool_id

    def movements(self, pool_id: str) -> str:
        """Sorted set: the movements since the latest count, `delta:id` by moment."""
        return self._movements + pool_id

    def answer(self, command_id: str) -> str:
        """String: the number first given to a command's id, kept 48 hours."""
        return self._answer + command_id

    def hold(self, hold_id: str) -> str:
        """Hash: a hold, kept 48 hours after its end."""
        return self._hold + hold_id

    def promises(self, pool_id: str) -> str:
        """Set: the active holds that keep places of a pool."""
        return self._promises + pool_id


def territory_of(meta_key: str) -> str:
    """The territory that a meta key is of."""
    return meta_key.removeprefix("{").removesuffix("}:meta")
