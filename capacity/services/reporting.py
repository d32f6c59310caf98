"""Reporting: raw reports in, one decision each, raw results out. The hot path of every write."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from capacity.board.access import Permission, Scope
from capacity.board.clocks import Clock, rfc3339, to_ms
from capacity.errors import StoreUnavailable
from capacity.services.asking import Asking
from capacity.services.budgets import ReportBudget
from capacity.services.directory import Directories
from capacity.services.questions import (
    Question,
    Receiving,
    accepted,
    call_of_many,
    call_of_one,
    question,
    refusal,
    rejected,
)
from capacity.services.reach import Reach
from capacity.store.keys import Keys
from capacity.store.live import GETTING_BACK, Asked, LiveStore, fcall
from capacity.vocabulary.roles import Role
from capacity.wire.parsing import RefusedReport, parse_batch, parse_well_formed
from capacity.wire.reports import AnyReport

AT_ONCE = 100
"""Reports decided in one function call, made ready in one turn of the event loop: neither keeps others for long."""

Observe = Callable[[str, str], None]
"""Told the type and the outcome of each report, for counting."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Slice:
    """Some reports of a batch on their way to their answers, together with those that never set out."""

    questions: list[Question | RefusedReport]
    asked: Asked | None
    replies_are_nested: bool


class Reporting:
    """Takes batches of reports to the live store, one atomic decision a report."""

    def __init__(
        self, live: LiveStore, directories: Directories, *, clock: Clock, observe: Observe, budget: ReportBudget
    ) -> None:
        self._live = live
        self._reach = Reach(directories)
        self._budget = budget
        self._clock = clock
        self._observe = observe
        self._known: dict[str, Keys] = {}

    async def post(self, territory: str, body: bytes, permitted: Permission) -> bytes:
        """Answer a batch: one result a report, in order, as JSON bytes. Each report stands alone.

        Raises:
            InvalidBody: the body is not a batch of reports at all; nothing was taken.
            UnknownTerritory: nothing was taken.
            TooManyRequests: the credential has used up its budget; nothing was taken.
            LedgerUnavailable: whose the pools are cannot be told, to one who is for some sites only; nothing was taken.
            StoreUnavailable: some reports may have been taken; resend the batch, each id takes effect once.
        Source: wire.md, Reports; laws 2 to 4.
        """
        received_ms = self._clock()
        batch = parse_batch(body)
        self._budget.spend(permitted.caller.credential, len(batch.reports))
        reports = await self._within_reach(territory, batch.reports, permitted)
        keys = self._known.get(territory) or await self._keys_of(territory)
        receiving = _receiving(keys, batch.sent_at, received_ms, permitted.grant.role)
        slices: list[_Slice] = []
        for start in range(0, len(reports), AT_ONCE):
            if slices:  # the store decides on these while the next are made ready, and others get their turn
                await asyncio.sleep(0)
            slices.append(self._ask(receiving, reports[start : start + AT_ONCE]))
        results = [result for asked in slices for result in await self._answers(asked)]
        return b'{"results":[' + b",".join(results) + b"]}"

    def begin(self, territory: str, body: bytes, permitted: Permission, then: Callable[[Asking], None]) -> bool:
        """Ask about a single well-formed report without a task and without waiting; `then` gets the answer.

        False, and nothing was asked, when there is anything to say or to find out first: `post` does that.
        Source: wire.md, Reports; laws 2 to 4.
        """
        received_ms = self._clock()
        keys = self._known.get(territory)
        batch = None if keys is None else parse_well_formed(body)
        if keys is None or batch is None or len(batch.reports) != 1:
            return False
        report = batch.reports[0]
        if permitted.scope is not Scope.TERRITORY and not self._reach.covers(permitted, territory, report.pool):
            return False
        if not self._budget.take(permitted.caller.credential, 1):
            return False
        receiving = _receiving(keys, batch.sent_at, received_ms, permitted.grant.role)
        asked = question(receiving, report)
        try:
            command = fcall(*call_of_one(receiving, asked))
            self._live.send(Asking(command, partial(self._only_result, asked), then, note_at=-1))
        except StoreUnavailable:
            return False
        return True

    async def _within_reach(
        self, territory: str, reports: list[AnyReport | RefusedReport], permitted: Permission
    ) -> list[AnyReport | RefusedReport]:
        """The reports, and in place of one on a pool that is out of reach its refusal. Raises as `Reach.refusals`."""
        pools = [report.pool for report in reports if not isinstance(report, RefusedReport)]
        refused = await self._reach.refusals(permitted, territory, pools)
        return (
            [
                report
                if isinstance(report, RefusedReport) or report.pool not in refused
                else RefusedReport(report.id, report.type, refused[report.pool])
                for report in reports
            ]
            if refused
            else reports
        )

    async def _keys_of(self, territory: str) -> Keys:
        """The keys of a territory that was not yet reported for. Raises UnknownTerritory, StoreUnavailable."""
        if await self._live.position(territory) is None:
            raise self._live.unopened(territory)
        return self._known.setdefault(territory, Keys.of(territory))

    def _ask(self, receiving: Receiving, reports: Sequence[AnyReport | RefusedReport]) -> _Slice:
        questions = [report if isinstance(report, RefusedReport) else question(receiving, report) for report in reports]
        sent = [each for each in questions if isinstance(each, Question)]
        if not sent:
            return _Slice(questions, None, replies_are_nested=False)
        if len(sent) == 1:
            return _Slice(questions, self._live.ask(*call_of_one(receiving, sent[0])), replies_are_nested=False)
        return _Slice(questions, self._live.ask(*call_of_many(receiving, sent)), replies_are_nested=True)

    async def _answers(self, asked: _Slice) -> list[bytes]:
        """The results of a slice, in the order of its reports. Raises StoreUnavailable."""
        reply = [] if asked.asked is None else await self._live.answer(asked.asked)
        replies = iter(reply if asked.replies_are_nested else [reply])
        return [
            self._reject(each, each.problem) if isinstance(each, RefusedReport) else self._result(each, next(replies))
            for each in asked.questions
        ]

    def _only_result(self, asked: Question, reply: Sequence[bytes]) -> bytes:
        return b'{"results":[%b]}' % self._result(asked, reply)

    def _result(self, asked: Question, reply: Sequence[bytes]) -> bytes:
        outcome, seq, row, note = reply
        if note:
            if note == b"partial-board":
                raise StoreUnavailable(GETTING_BACK)
            if outcome == b"failed":
                raise StoreUnavailable(f"The live store refused the command: {note.decode(errors='replace')}")
            if note == b"other-body":
                log.warning("same id, other body: the first answer stands", extra={"command": asked.id})
        if outcome == b"rejected":
            return self._reject(asked, refusal(note), row)
        self._observe(asked.type, outcome.decode())
        return accepted(asked.id, outcome, seq, row)

    def _reject(self, asked: Question | RefusedReport, problem: dict[str, Any], row: bytes = b"") -> bytes:
        self._observe(asked.type, "rejected")
        return rejected(asked.id, problem, row)


def _receiving(keys: Keys, sent_at: datetime | None, received_ms: int, by: Role | None) -> Receiving:
    sent_ms = None if sent_at is None else to_ms(sent_at)
    return Receiving(keys, sent_ms, received_ms, rfc3339(received_ms), by or "")
