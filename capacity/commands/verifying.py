"""Compares what the history of each pool tells with what was sent, change by change."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from capacity.board.clocks import rfc3339
from capacity.commands.planning import Sending

Point = dict[str, Any]
"""A point of the history, in the shape of the wire."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One moment at which the history is not what was sent; None: there is no point at all."""

    pool: str
    at: str
    sent: Point | None
    told: Point | None

    def __str__(self) -> str:
        return f"{self.pool} at {self.at}: sent {self.sent}, the history tells {self.told}"


def expected_points(sendings: Iterable[Sending]) -> dict[str, list[Point]]:
    """For each pool the states that its reports lead through, one a moment, as the history should tell them.

    A figure that nobody has said yet is left out, and so is `free` until both figures it needs are known.
    """
    points: dict[str, list[Point]] = {}
    facts: dict[str, dict[str, int]] = {}
    for sending in sendings:
        report = sending.report
        pool = facts.setdefault(report["pool"], {})
        pool.update({name: report[name] for name in ("capacity", "out_of_service", "occupied") if name in report})
        point = {"at": report["observed_at"], **_shown(pool)}
        told = points.setdefault(report["pool"], [])
        if told and told[-1]["at"] == point["at"]:
            told[-1] = point
        else:
            told.append(point)
    return points


def differences(pool: str, sent: Iterable[Point], told: Iterable[Point]) -> list[Difference]:
    """Where two tellings of a pool differ, by moment. Only the figures that were sent count."""
    sent_at = {point["at"]: point for point in sent}
    told_at = {point["at"]: point for point in told}
    return [
        Difference(pool, at, sent_at.get(at), told_at.get(at))
        for at in sorted(sent_at.keys() | told_at.keys())
        if at not in sent_at or at not in told_at or not sent_at[at].items() <= told_at[at].items()
    ]


def missing(sendings: Iterable[Sending], commands: Iterable[dict[str, Any]]) -> list[str]:
    """What of the sendings is not in the ledger exactly once, at its moment and with its figures."""
    kept: dict[str, list[dict[str, Any]]] = {}
    for command in commands:
        kept.setdefault(command["id"], []).append(command)
    wrong = []
    for sending in sendings:
        report = sending.report
        found = kept.get(report["id"], [])
        if len(found) != 1 or not report.items() <= found[0].items():
            wrong.append(f"line {sending.line}: {len(found)} commands of id {report['id']} ({rfc3339(sending.due_ms)})")
    return wrong


def _shown(facts: dict[str, int]) -> Point:
    shown: Point = {name: facts[name] for name in ("capacity", "occupied") if name in facts}
    if len(shown) == 2:
        shown["free"] = max(0, facts["capacity"] - facts.get("out_of_service", 0) - facts["occupied"])
    return shown
