"""Explaining: from all that a pool's row is computed from to why it shows what it shows. Laws 1, 2 and 5."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import from_json, to_json

from capacity.board.clocks import rfc3339
from capacity.board.visibility import WHOLE, View
from capacity.errors import PoolGone, StoreUnavailable, UnknownPool
from capacity.services.directory import Directories
from capacity.services.lens import EVERYTHING
from capacity.store.keys import Keys
from capacity.store.live import LiveStore

ARRIVAL = "arrival"
WORDS_A_HOLD = 4
NEVER = "0"


class Explaining:
    """Reads of one pool at one instant."""

    def __init__(self, live: LiveStore, directories: Directories) -> None:
        self._live = live
        self._directories = directories

    async def explanation(self, territory: str, shown_id: str, view: View = WHOLE) -> dict[str, Any]:
        """Why the row of a pool shows what it shows, in the shape of `wire.explanation.Explanation`.

        The pool is named, and told, as this view shows it.

        Raises:
            UnknownTerritory, UnknownPool, StoreUnavailable
            PoolGone: it was on the board, and is no more.
            LedgerUnavailable: what this view shows was never known here, and cannot be asked.
        """
        lens = EVERYTHING if view.is_whole else (await self._directories.of(territory)).lens(view)
        pool_id = lens.meant(shown_id)
        if pool_id is None:
            raise UnknownPool
        found = await self._explained(territory, pool_id)
        if lens.is_masked(pool_id):
            row = lens.told_row(to_json(found["row"]))
            return {**found, "pool": shown_id, "site": shown_id, "row": None if row is None else from_json(row)}
        return found

    async def _explained(self, territory: str, pool_id: str) -> dict[str, Any]:
        reply = await self._live.read("explanation_v1", (Keys.of(territory).meta,), (pool_id,))
        match reply:
            case [b"unopened"]:
                raise self._live.unopened(territory)
            case [b"partial-board"]:
                raise StoreUnavailable("The live store is getting this territory's pools back.")
            case [b"unknown-pool"]:
                raise UnknownPool
            case [b"pool-gone"]:
                raise PoolGone
        row, facts, movements, holds = reply
        texts = [text.decode() for text in facts]
        return explained(
            from_json(row),
            dict(zip(texts[::2], texts[1::2], strict=True)),
            [_movement(member, score) for member, score in zip(movements[::2], movements[1::2], strict=True)],
            [_hold(holds[i : i + WORDS_A_HOLD]) for i in range(0, len(holds), WORDS_A_HOLD)],
        )


def explained(
    row: Mapping[str, Any],
    facts: Mapping[str, str],
    movements: Sequence[Mapping[str, Any]],
    holds: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The explanation of a row by the facts of its pool, its movements since the count, and its active holds."""
    return {
        "pool": row["pool"],
        "site": facts["site"],
        "row": row,
        "capacity": _places(facts, "capacity"),
        "extra": _places(facts, "extra"),
        "out_of_service": {**_places(facts, "out_of_service"), "reason": facts["reason"] or None},
        "status": {
            "status": facts["status"],
            "reason": facts["status_reason"] or None,
            "until": facts["status_until"] or None,
            "since": _since(facts["status_at"]),
        },
        "occupied": _occupied(facts, movements),
        "held": {"places": int(facts["held"]), "holds": holds},
        "contingents": [{"held": 0, **one} for one in row["contingents"]],
        "free": row["free"],
        "over": row["over"],
    }


def _occupied(facts: Mapping[str, str], movements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Law 2: the count and all movements since; of those that are a day old or more only the sum is kept."""
    counted, moved = int(facts["count"]), int(facts["moved"])
    inside = counted + moved
    count = {"occupied": counted, "observed_at": _since(facts["count_at"]), "by": facts.get("count_by") or None}
    return {
        "places": max(0, inside),
        "count": None if facts["count_at"] == NEVER else count,
        "movements": movements,
        "earlier_movements": moved - sum(movement["delta"] for movement in movements),
        "cut": max(0, -inside),
    }


def _places(facts: Mapping[str, str], name: str) -> dict[str, Any]:
    return {"places": int(facts[name]), "since": _since(facts[name + "_at"])}


def _since(at_ms: str) -> str | None:
    return None if at_ms == NEVER else rfc3339(int(at_ms))


def _movement(member: bytes, at_ms: bytes) -> dict[str, Any]:
    """A movement as the live store keeps it: `delta:id:role`, with `arrival` for a role where a hold ended so."""
    delta, _, rest = member.decode().partition(":")
    role = rest.partition(":")[2]
    by = ARRIVAL if role == ARRIVAL else "movement"
    at = rfc3339(int(float(at_ms)))
    return {"delta": int(delta), "observed_at": at, "by": by, "role": None if by == ARRIVAL else role or None}


def _hold(words: Sequence[bytes]) -> dict[str, Any]:
    hold_id, channel, places, expires_at = (word.decode() for word in words)
    return {"hold": hold_id, "channel": channel, "places": int(places), "expires_at": expires_at}
