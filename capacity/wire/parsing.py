"""Raw bodies into shapes: fast when all is well, report by report when something is not."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from capacity.errors import InvalidBody
from capacity.wire.holds import HoldBody
from capacity.wire.problems import INVALID_REPORT
from capacity.wire.reports import MOST_REPORTS, AnyReport, CommandId, Report, ReportBatch


@dataclass(frozen=True, slots=True)
class RefusedReport:
    """A report that has an id to be answered by, and is otherwise not of any shape that we know."""

    id: str
    type: str
    problem: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ParsedBatch:
    """A batch in the sender's order."""

    sent_at: datetime | None
    reports: list[AnyReport | RefusedReport]


class _Envelope(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    sent_at: AwareDatetime | None = None
    reports: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_REPORTS)]


_TYPES = ("count", "movement", "confirmation", "inventory", "status")
_batch = TypeAdapter(ReportBatch).validator  # without the Python around it: half the time of a single report
_hold = TypeAdapter(HoldBody).validator
_envelope: TypeAdapter[_Envelope] = TypeAdapter(_Envelope)
_report: TypeAdapter[AnyReport] = TypeAdapter(Report)
_command_id: TypeAdapter[str] = TypeAdapter(CommandId)


def parse_batch(body: bytes) -> ParsedBatch:
    """A body as reports, those that are not well formed as refusals by themselves.

    Raises:
        InvalidBody: no such batch, or a report in it has no id that it could be answered by.
    """
    batch = parse_well_formed(body)
    return _parse_one_by_one(body) if batch is None else ParsedBatch(batch.sent_at, list(batch.reports))


def parse_well_formed(body: bytes) -> ReportBatch | None:
    """A body whose reports are all of our shapes; None for any other, into which `parse_batch` looks."""
    try:
        batch: ReportBatch = _batch.validate_json(body)
    except ValidationError:
        return None
    return batch


def parse_hold(body: bytes) -> HoldBody | None:
    """A body as the hold that it asks for; None when it is of no such shape."""
    try:
        asked: HoldBody = _hold.validate_json(body)
    except ValidationError:
        return None
    return asked


def problem_errors(error: ValidationError) -> list[dict[str, object]]:
    """What pydantic found as the `errors` member of a problem, without what was sent."""
    return [{"loc": list(found["loc"]), "msg": found["msg"]} for found in error.errors(include_input=False)]


def _parse_one_by_one(body: bytes) -> ParsedBatch:
    try:
        envelope = _envelope.validate_json(body)
    except ValidationError as exc:
        raise InvalidBody(problem_errors(exc)) from exc
    return ParsedBatch(envelope.sent_at, [_parse_report(i, said) for i, said in enumerate(envelope.reports)])


def _parse_report(position: int, said: dict[str, Any]) -> AnyReport | RefusedReport:
    try:
        return _report.validate_json(json.dumps(said))
    except ValidationError as exc:
        errors = problem_errors(exc)
    try:
        command_id = _command_id.validate_python(said.get("id"))
    except ValidationError as exc:
        raise InvalidBody([{"loc": ["reports", position, "id"], "msg": "a UUID is needed"}]) from exc
    kind = said.get("type")
    problem = INVALID_REPORT.body("This report is not of a shape that we know.", errors=errors)
    return RefusedReport(command_id, kind if kind in _TYPES else "unknown", problem)
