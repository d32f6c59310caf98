"""Reporting: raw reports in, one decision each, raw results out. The hot path of every write."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from capacity.board.clocks import Clock, observed_by_server, rfc3339, to_ms
from capacity.errors import StoreUnavailable, UnknownTerritory
from capacity.store.keys import Keys
from capacity.store.live import Asked, LiveStore
from capacity.wire.parsing import RefusedReport, parse_batch
from capacity.wire.problems import ROW_CHANGED, TOO_OLD, UNKNOWN_POOL
from capacity.wire.reports import AnyReport, Confirmation, Count, Inventory, Movement, StatusChange

AT_ONCE = 100
"""Reports asked in one turn of the event loop: they travel as one pipeline, and keep nobody waiting for long."""

Observe = Callable[[str, str], None]
"""Told the type and the outcome of each report, for counting."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Receiving:
    """What all reports of one batch share: the territory's keys, the sender's clock and ours."""

    keys: Keys
    sent_ms: int | None
    at_ms: int
    at: str

    def observed_ms(self, report: AnyReport) -> int:
        observed_ms = None if report.observed_at is None else to_ms(report.observed_at)
        return max(0, observed_by_server(observed_ms, self.sent_ms, self.at_ms))  # the store refuses what is old


@dataclass(frozen=True, slots=True)
class _Question:
    """A report on its way to its answer, or the problem for which it never set out."""

    type: str
    id: str
    asked: Asked | dict[str, Any]


class Reporting:
    """Takes batches of reports to the live store, one atomic decision a report."""

    def __init__(self, live: LiveStore, *, clock: Clock, observe: Observe) -> None:
        self._live = live
        self._clock = clock
        self._observe = observe
        self._known: dict[str, Keys] = {}

    async def post(self, territory: str, body: bytes) -> bytes:
        """Answer a batch: one result a report, in order, as JSON bytes. Each report stands alone.

        Raises:
            InvalidBody: the body is not a batch of reports at all; nothing was taken.
            UnknownTerritory: nothing was taken.
            StoreUnavailable: some reports may have been taken; resend the batch, each id takes effect once.
        Source: wire.md, Reports; laws 2 to 4.
        """
        received_ms = self._clock()
        batch = parse_batch(body)
        keys = self._known.get(territory) or await self._keys_of(territory)
        receiving = _Receiving(
            keys,
            None if batch.sent_at is None else to_ms(batch.sent_at),
            received_ms,
            rfc3339(received_ms),
        )
        asked: list[_Question] = []
        for start in range(0, len(batch.reports), AT_ONCE):
            if asked:  # the store decides on these while the next are made ready, and others get their turn
                await asyncio.sleep(0)
            asked += [self._ask(receiving, report) for report in batch.reports[start : start + AT_ONCE]]
        results = [await self._answer(question) for question in asked]
        return b'{"results":[' + b",".join(results) + b"]}"

    async def _keys_of(self, territory: str) -> Keys:
        """The keys of a territory that was not yet reported for. Raises UnknownTerritory, StoreUnavailable."""
        if await self._live.position(territory) is None:
            raise UnknownTerritory
        return self._known.setdefault(territory, Keys.of(territory))

    def _ask(self, receiving: _Receiving, report: AnyReport | RefusedReport) -> _Question:
        if isinstance(report, RefusedReport):
            return _Question(report.type, report.id, report.problem)
        observed_ms = receiving.observed_ms(report)
        observed_at = receiving.at if observed_ms == receiving.at_ms else rfc3339(observed_ms)
        fields, content = _fields(report)
        kind, pool, keys = report.type, report.pool, receiving.keys
        body = (
            f'"id":"{report.id}","type":"{kind}","pool":"{pool}",{content}'
            f'"observed_at":"{observed_at}","received_at":"{receiving.at}"}}'
        )
        digest = blake2b(f"{kind} {pool} {content}".encode(), digest_size=8).hexdigest()
        asked = self._live.ask(
            "report_v1",
            (
                keys.meta, keys.rows, keys.stamps, keys.stream,
                keys.facts(pool), keys.movements(pool), keys.answer(report.id),
            ),
            (report.id, kind, pool, observed_ms, observed_at, receiving.at_ms, digest, body, *fields),
        )  # fmt: skip
        return _Question(kind, report.id, asked)

    async def _answer(self, question: _Question) -> bytes:
        if not isinstance(question.asked, Asked):
            return self._reject(question, question.asked)
        outcome, seq, row, note = await self._live.answer(question.asked)
        if note == b"partial-board":
            raise StoreUnavailable("The live store is getting this territory's pools back; nothing was taken.")
        if note == b"other-body":
            log.warning("same id, other body: the first answer stands", extra={"command": question.id})
        if outcome == b"rejected":
            return self._reject(question, _refusal(note), row)
        self._observe(question.type, outcome.decode())
        return b'{"id":"%b","outcome":"%b","seq":%b,"row":%b}' % (question.id.encode(), outcome, seq, row or b"null")

    def _reject(self, question: _Question, problem: dict[str, Any], row: bytes = b"") -> bytes:
        self._observe(question.type, "rejected")
        told = json.dumps(problem, ensure_ascii=False).encode()
        return b'{"id":"%b","outcome":"rejected","problem":%b,"row":%b}' % (question.id.encode(), told, row or b"null")


def _refusal(note: bytes) -> dict[str, Any]:
    if note == b"row-changed":
        return ROW_CHANGED.body("Somebody has reported since; look at the present row and confirm that one.")
    if note == b"too-old":
        return TOO_OLD.body("It was observed more than seven days ago; nothing was taken.")
    return UNKNOWN_POOL.body("There is no such pool on the board of this territory; nothing was taken.")


def _fields(report: AnyReport) -> tuple[tuple[str | int, ...], str]:
    """What a report says, as the function's arguments and as members of the ledger's JSON.

    Nothing here needs escaping: numbers, words of closed lists and slugs.
    """
    match report:
        case Count(occupied=occupied):
            return (occupied,), f'"occupied":{occupied},'
        case Movement(delta=delta):
            return (delta,), f'"delta":{delta},'
        case Confirmation(seq=seq):
            return (seq,), f'"seen":{seq},'
        case Inventory():
            places = {
                "capacity": report.capacity,
                "extra": report.extra,
                "out_of_service": report.out_of_service,
            }
            content = "".join(f'"{name}":{value},' for name, value in places.items() if value is not None)
            if report.reason is not None:
                content += f'"reason":"{report.reason}",'
            return (
                *("" if value is None else value for value in places.values()),
                report.reason or "",
            ), content
        case StatusChange():
            until = "" if report.until is None else rfc3339(to_ms(report.until))
            content = f'"status":"{report.status}",'
            content += f'"reason":"{report.reason}",' if report.reason else ""
            content += f'"until":"{until}",' if until else ""
            return (report.status, report.reason or "", until), content
