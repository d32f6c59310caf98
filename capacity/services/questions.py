"""What a report asks of the live store, and what the store's reply says of it. Pure; the calls are made elsewhere."""

import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from capacity.board.clocks import observed_by_server, rfc3339, to_ms
from capacity.store.keys import Keys
from capacity.wire.problems import ROW_CHANGED, TOO_OLD, UNKNOWN_POOL
from capacity.wire.reports import AnyReport, Confirmation, Count, Inventory, Movement, StatusChange

Word = str | int


@dataclass(slots=True)
class Receiving:
    """What all reports of one batch share: the territory's keys, the sender's clock and ours."""

    keys: Keys
    sent_ms: int | None
    at_ms: int
    at: str
    by: str = ""
    """The role of who reports."""

    def observed_ms(self, report: AnyReport) -> int:
        """When it was observed, by our clock. Law 3."""
        observed_ms = None if report.observed_at is None else to_ms(report.observed_at)
        return max(0, observed_by_server(observed_ms, self.sent_ms, self.at_ms))  # the store refuses what is old


class Question(NamedTuple):
    """One report as the live store is asked about it; `reports.lua` tells what each part is."""

    type: str
    id: str
    pool: str
    observed_ms: int
    observed_at: str
    digest: str
    body: str
    """The ledger's JSON of the command without its opening brace."""
    fields: tuple[Word, ...]
    """What the type says, at most `MOST_FIELDS`."""


MOST_FIELDS = 4


def question(receiving: Receiving, report: AnyReport) -> Question:
    """A report with its moment by our clock, and the text that the ledger will keep."""
    observed_ms = receiving.observed_ms(report)
    observed_at = receiving.at if observed_ms == receiving.at_ms else rfc3339(observed_ms)
    fields, content = _fields(report, receiving.by)
    kind, pool, report_id = report.type, report.pool, report.id
    by = f'"by":"{receiving.by}",' if receiving.by else ""
    body = (
        f'"id":"{report_id}","type":"{kind}","pool":"{pool}",{content}{by}'
        f'"observed_at":"{observed_at}","received_at":"{receiving.at}"}}'
    )
    digest = blake2b(f"{kind} {pool} {content}".encode(), digest_size=8).hexdigest()
    return Question(kind, report_id, pool, observed_ms, observed_at, digest, body, fields)


def call_of_one(receiving: Receiving, asked: Question) -> tuple[str, tuple[str, ...], tuple[Word, ...]]:
    """The function that decides on one report, its keys and its arguments."""
    kind, report_id, pool, observed_ms, observed_at, digest, body, fields = asked
    keys = receiving.keys
    return (
        "report_v1",
        (
            keys.meta, keys.rows, keys.stamps, keys.stream,
            keys.facts(pool), keys.movements(pool), keys.answer(report_id),
        ),
        (report_id, kind, pool, observed_ms, observed_at, receiving.at_ms, digest, body, *fields),
    )  # fmt: skip


def call_of_many(receiving: Receiving, asked: list[Question]) -> tuple[str, list[str], list[Word]]:
    """The function that decides on several reports in order, each by itself; its keys and its arguments."""
    keys = receiving.keys
    all_keys = [keys.meta, keys.rows, keys.stamps, keys.stream]
    args: list[Word] = [receiving.at_ms]
    for kind, report_id, pool, observed_ms, observed_at, digest, body, fields in asked:
        all_keys += (keys.facts(pool), keys.movements(pool), keys.answer(report_id))
        args += (report_id, kind, pool, observed_ms, observed_at, digest, body, *fields)
        args += _PADDING[len(fields)]
    return "reports_v1", all_keys, args


_PADDING = [("",) * (MOST_FIELDS - length) for length in range(MOST_FIELDS + 1)]


def accepted(report_id: str, outcome: bytes, seq: bytes, row: bytes) -> bytes:
    """The result of a report that took its number, now or earlier, as JSON."""
    return b'{"id":"%b","outcome":"%b","seq":%b,"row":%b}' % (report_id.encode(), outcome, seq, row or b"null")


def rejected(report_id: str, problem: dict[str, Any], row: bytes = b"") -> bytes:
    """The result of a report that was refused, as JSON."""
    told = json.dumps(problem, ensure_ascii=False).encode()
    return b'{"id":"%b","outcome":"rejected","problem":%b,"row":%b}' % (report_id.encode(), told, row or b"null")


def refusal(note: bytes) -> dict[str, Any]:
    """The problem that a note of the store names."""
    if note == b"row-changed":
        return ROW_CHANGED.body("Somebody has reported since; look at the present row and confirm that one.")
    if note == b"too-old":
        return TOO_OLD.body("It was observed more than seven days ago; nothing was taken.")
    return UNKNOWN_POOL.body("There is no such pool on the board of this territory; nothing was taken.")


def _fields(report: AnyReport, by: str) -> tuple[tuple[Word, ...], str]:
    """What a report says, as the function's arguments and as members of the ledger's JSON.

    Nothing here needs escaping: numbers, words of closed lists and slugs.
    """
    match report:
        case Count(occupied=occupied):
            return (occupied, by), f'"occupied":{occupied},'
        case Movement(delta=delta):
            return (delta, by), f'"delta":{delta},'
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
