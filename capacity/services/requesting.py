"""Requesting: a household asks, and the night keeps count of what it was told. Laws 4 and 9."""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

from capacity.board.clocks import Clock, rfc3339
from capacity.board.contacts import contacts_of, household_key
from capacity.board.nights import Night
from capacity.board.requests import Request, closed, opened
from capacity.store.live import LiveStore
from capacity.store.requests import Decision, RequestStore
from capacity.vocabulary.words import Channel, Trait
from capacity.wire.parties import Party
from capacity.wire.requests import Oriented, RequestBody, Unmet

SALT_BYTES = 32

RandomBytes = Callable[[int], bytes]
"""Makes so many bytes that nobody can guess: `secrets.token_bytes`."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a command about a request: `done`, `duplicate`, or the slug of the problem.

    `contact` is the code behind an opened request's household. It is kept nowhere and found again, as long as the
    salt of its night lives.
    """

    outcome: str
    request: Request | None
    contact: str | None = None


class Requesting:
    """Takes requests and their outcomes to the live store, one atomic decision each.

    Every method raises UnknownTerritory, and StoreUnavailable: the command may or may not have been taken, so send it
    again with the same id.
    """

    def __init__(self, live: LiveStore, *, clock: Clock, random_bytes: RandomBytes, new_id: Callable[[], str]) -> None:
        """`random_bytes` makes the salt of a night, `new_id` the id of a search that was counted."""
        self._store = RequestStore(live)
        self._clock = clock
        self._random_bytes = random_bytes
        self._new_id = new_id

    async def open(self, territory: str, asked: RequestBody) -> Told:
        """Open a request; without a code that the caller was told before, it is a household's first of the night."""
        now_ms = self._clock()
        night = Night.of(now_ms)
        salt = await self._store.salt(territory, night, now_ms, self._random_bytes(SALT_BYTES))
        contacts = [asked.contact] if asked.contact else list(contacts_of(salt, asked.id))
        said = {
            "channel": asked.channel,
            "party": asked.party.model_dump(),
            "needs": asked.needs,
            **({} if asked.area is None else {"area": asked.area}),
        }
        decision = await self._store.open(
            territory,
            asked.id,
            night,
            now_ms,
            digest=_digest(said),
            body=_body({"id": asked.id, "type": "request_opened", "night": str(night), **said}, now_ms),
            households=[household_key(salt, territory, contact) for contact in contacts],
        )
        request = _request(decision, asked.id)
        if request is None:
            return Told(decision.outcome, None)
        if request.night != str(night):  # sent again after its night
            night = Night(date.fromisoformat(request.night))
            salt = await self._store.salt(territory, night, now_ms, b"")
        contacts += contacts_of(salt, asked.id)
        known = (code for code in contacts if household_key(salt, territory, code) == request.household)
        return Told(decision.outcome, request, next(known, None))

    async def close(self, territory: str, request_id: str, asked: Oriented | Unmet) -> Told:
        """Give a request its outcome; of two that are given the first stands."""
        outcome = {"hold": asked.hold} if isinstance(asked, Oriented) else {"reason": asked.reason}
        said = {"request": request_id, "state": asked.outcome, **outcome}
        decision = await self._store.close(
            territory,
            asked.id,
            request_id,
            hold_id=asked.hold if isinstance(asked, Oriented) else "",
            digest=_digest(said),
            body=_body({"id": asked.id, "type": "request_closed", **said}, self._clock()),
        )
        return Told(decision.outcome, _request(decision, asked.id))

    async def search_empty(self, territory: str, party: Party, needs: Iterable[Trait], channel: Channel) -> None:
        """Count a search that found nothing, the same one once in ten minutes: the page searches while one types."""
        now_ms = self._clock()
        night = Night.of(now_ms)
        searched = {"channel": channel, "party": party.model_dump(), "needs": sorted(set(needs))}
        command = {"id": self._new_id(), "type": "search_empty", "night": str(night), **searched}
        await self._store.search_empty(territory, night, now_ms, digest=_digest(searched), body=_body(command, now_ms))


def _request(decision: Decision, command_id: str) -> Request | None:
    if decision.is_other_body:
        log.warning("same id, other body: the first answer stands", extra={"command": command_id})
    if not decision.opened:
        return None
    request = opened(json.loads(decision.opened))
    return closed(request, json.loads(decision.closed)) if decision.closed else request


def _body(command: dict[str, Any], now_ms: int) -> str:
    """The ledger's JSON of a command without its opening brace."""
    now = rfc3339(now_ms)
    return json.dumps({**command, "observed_at": now, "received_at": now}, separators=(",", ":"))[1:]


def _digest(said: dict[str, Any]) -> str:
    """What a command says, as a few signs. The contact code is not in it: it would be kept by that."""
    return blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=8).hexdigest()
