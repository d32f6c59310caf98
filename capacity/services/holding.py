"""Holding: places promised to a household, until they come or the time is over. Law 5."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from capacity.board.access import Permission
from capacity.board.clocks import Clock, rfc3339, to_ms
from capacity.errors import InvalidBody, StoreUnavailable, UnknownPool
from capacity.services.asking import Asking
from capacity.store.holds import Creation, Found, HoldStore, Moment, Verdict, written
from capacity.store.live import GETTING_BACK, LiveStore
from capacity.vocabulary.codes import Pick, new_code
from capacity.vocabulary.roles import Role
from capacity.vocabulary.words import Channel
from capacity.wire.holds import (
    MOST_MINUTES,
    ArrivalBody,
    ContingentsBody,
    ExtensionBody,
    HoldBody,
    ReleaseBody,
    StatementBody,
)
from capacity.wire.parsing import parse_hold

MINUTE_MS = 60_000
FARTHEST_HOUR_MS = 7 * 24 * 60 * MINUTE_MS
"""A contingent ends within a week; one without a near end is forgotten, and its places with it."""

HOLDS_ANYWHERE = frozenset({Role.ADMIN, Role.OPERATOR})
"""The roles that hold without anything to find out first: in the whole territory, at protected sites too."""

_SHORT_CODES, _LONG_CODES = 2, 1
"""How many codes the store is offered, a longer one for a night on which most short ones are in use."""

Observe = Callable[[str, str], None]
"""Told the verb and the outcome of each command, or the problem for which it was refused, for counting."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """The contingents of a pool as they are now: its row, and whether anything changed."""

    row: bytes
    changed: bool


class Holding:
    """Takes commands about holds and contingents to the live store, one atomic decision each.

    A refusal is a value, `Verdict.note` names its problem. Every method raises UnknownTerritory, and StoreUnavailable:
    the command may or may not have been taken, so send it again with the same id.
    """

    def __init__(
        self,
        live: LiveStore,
        *,
        clock: Clock,
        pick: Pick,
        new_id: Callable[[], str],
        observe: Observe,
    ) -> None:
        """`pick` chooses the signs of a code, `new_id` the id of a command that carries none."""
        self._live = live
        self._store = HoldStore(live)
        self._clock = clock
        self._pick = pick
        self._new_id = new_id
        self._observe = observe

    async def create(
        self, territory: str, asked: HoldBody, *, owner: str = "", needs_acceptance: bool = False
    ) -> Verdict:
        """Hold every line or none; `owner` is who asks, and what needs acceptance waits for it with its places kept."""
        while True:
            creation = self._creation(asked, owner, needs_acceptance=needs_acceptance)
            verdict = await self._store.create(territory, creation)
            if verdict.note != "codes-taken":
                return self._told("create", asked.id, verdict)

    def begin(self, territory: str, body: bytes, permitted: Permission, then: Callable[[Asking], None]) -> bool:
        """Ask for a well-formed hold of the 115 without a task and without waiting; `then` gets the answer.

        False, and nothing was asked, when there is anything to say or to find out first; `create` does that, and it
        also tells what the store says beside a plain success.
        """
        asked = parse_hold(body) if permitted.grant.role in HOLDS_ANYWHERE else None
        if asked is None or asked.channel is not Channel.THE_115:
            return False
        try:
            command = self._creation(asked, permitted.caller.id).call(territory)
            self._live.send(Asking(command, self._created, then, note_at=1, created=asked.id))
        except StoreUnavailable:
            return False
        return True

    def _created(self, reply: Sequence[bytes]) -> bytes | None:
        outcome, _, hold, rows = reply
        if outcome != b"done":
            return None
        self._observe("create", "done")
        return b'{"hold":%b,"rows":[%b]}' % (hold, rows.replace(b"\n", b","))

    def _creation(self, asked: HoldBody, owner: str, *, needs_acceptance: bool = False) -> Creation:
        at = self._now()
        expires = _moment(at.ms + asked.minutes * MINUTE_MS)
        lines = [(line.pool, line.places) for line in asked.lines]
        party = "" if asked.party is None else asked.party.model_dump_json()
        said = ",".join([f'{{"pool":"{pool}","places":{places}}}' for pool, places in lines])
        about = f'"party":{party},' if party else ""
        about += '"acceptance":"pending",' if needs_acceptance else ""
        body = (
            f'"id":"{asked.id}","type":"hold_created","hold":"{asked.id}","channel":"{asked.channel}",'
            f'"lines":[{said}],"minutes":{asked.minutes},{about}"expires_at":"{expires.text}",'
            f'"observed_at":"{at.text}","received_at":"{at.text}"}}'
        )
        asked_for = f"hold {asked.channel} {written(lines)} {asked.minutes} {party}"
        digest = blake2b(asked_for.encode(), digest_size=8).hexdigest()
        return Creation(
            asked.id, asked.channel, lines, party, at, expires, digest, body, self._codes(), owner,
            needs_acceptance,
        )  # fmt: skip

    async def arrive(self, territory: str, hold_id: str, asked: ArrivalBody) -> Verdict:
        """Those who were awaited are here."""
        lines = [(line.pool, line.places) for line in asked.lines or ()]
        verdict = await self._store.arrive(territory, asked.id, hold_id, self._now(), lines)
        return await self._checked(territory, "arrive", asked.id, verdict)

    async def release(self, territory: str, hold_id: str, asked: ReleaseBody) -> Verdict:
        """The places are given back."""
        verdict = await self._store.release(territory, asked.id, hold_id, self._now(), asked.reason)
        return await self._checked(territory, "release", asked.id, verdict)

    async def extend(self, territory: str, hold_id: str, asked: ExtensionBody) -> Verdict:
        """The hold ends so many minutes later, at the latest 240 minutes from now."""
        at = self._now()
        by_ms, latest_ms = asked.minutes * MINUTE_MS, at.ms + MOST_MINUTES * MINUTE_MS
        verdict = await self._store.extend(territory, asked.id, hold_id, at, by_ms=by_ms, latest_ms=latest_ms)
        return await self._checked(territory, "extend", asked.id, verdict)

    async def testify(self, territory: str, hold_id: str, asked: StatementBody) -> Verdict:
        """A side says what became of a hold that has ended. Changes no number."""
        verdict = await self._store.tell(territory, asked.id, hold_id, self._now(), asked.side, asked.says)
        return await self._checked(territory, "testify", asked.id, verdict)

    async def accept(self, territory: str, hold_id: str, command_id: str) -> Verdict:
        """The site, or the 115 for it, takes in whom a team has announced."""
        verdict = await self._store.accept(territory, command_id, hold_id, self._now())
        return await self._checked(territory, "accept", command_id, verdict)

    async def give_address(self, territory: str, hold_id: str, command_id: str) -> Verdict:
        """Note that the address of what is held was given by this command; refused when it was given before."""
        verdict = await self._store.give_address(territory, command_id, hold_id, self._now())
        return await self._checked(territory, "address", command_id, verdict)

    async def hold(self, territory: str, hold_id: str) -> Found | None:
        """A hold, for 48 h after its end; None when there is none."""
        return await self._store.hold(territory, hold_id)

    async def active(self, territory: str, pools: Sequence[str] | None) -> list[tuple[bytes, str]]:
        """The active holds and their owners, soonest end first, of all pools or of these."""
        return await self._store.active(territory, pools)

    async def keep(self, territory: str, pool_id: str, asked: ContingentsBody) -> Kept | str:
        """Keep places of a pool for channels until their hour, and for nobody else; answers the problem if refused.

        Raises:
            InvalidBody: an hour is not ahead, or too far.
            UnknownPool
        """
        at = self._now()
        contingents = [(one.channel.value, one.places, _moment(to_ms(one.until))) for one in asked.contingents]
        for i, (_, _, until) in enumerate(contingents):
            if not at.ms < until.ms <= at.ms + FARTHEST_HOUR_MS:
                raise InvalidBody([{"loc": ["contingents", i, "until"], "msg": "it lies within the next seven days"}])
        outcome, told = await self._store.keep_contingents(territory, self._new_id(), pool_id, contingents, at)
        if outcome != "refused":
            return Kept(told, outcome == "done")
        match told:
            case b"unopened":
                raise self._live.unopened(territory)
            case b"partial-board":
                raise StoreUnavailable(GETTING_BACK)
            case b"unknown-pool":
                raise UnknownPool
        return told.decode()

    async def _checked(self, territory: str, verb: str, command_id: str, verdict: Verdict) -> Verdict:
        """A hold is unknown as well where the territory is. Raises UnknownTerritory, StoreUnavailable."""
        if verdict.note == "unknown-hold" and await self._live.position(territory) is None:
            raise self._live.unopened(territory)
        return self._told(verb, command_id, verdict)

    def _told(self, verb: str, command_id: str, verdict: Verdict) -> Verdict:
        if verdict.note == "other-body":
            log.warning("same id, other body: the first answer stands", extra={"command": command_id})
        is_refused = verdict.outcome == "refused"
        self._observe(verb, verdict.note.partition(" ")[0] if is_refused else verdict.outcome)
        return verdict

    def _codes(self) -> list[str]:
        return [
            *(new_code(self._pick) for _ in range(_SHORT_CODES)),
            *(new_code(self._pick, 3) for _ in range(_LONG_CODES)),
        ]

    def _now(self) -> Moment:
        return _moment(self._clock())


def _moment(ms: int) -> Moment:
    return Moment(ms, rfc3339(ms))
