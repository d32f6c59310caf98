"""The peer in Python: the route of a single report as a FastAPI team would build it, with the same call behind it.

pydantic checks the body, redis.asyncio makes one FCALL a report on a connection of its pool, and the row's bytes go
straight through. It asks nobody who they are, and writes no log.
"""

import asyncio
import hashlib
import os
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import uvicorn
from fastapi import FastAPI, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from redis.asyncio import BlockingConnectionPool, Redis, UnixDomainSocketConnection

OLDEST = timedelta(days=7)
UUID = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
SLUG = r"^[a-z0-9]+(?:[-.][a-z0-9]+)*$"


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(pattern=UUID)]
    pool: Annotated[str, Field(pattern=SLUG, max_length=120)]
    observed_at: AwareDatetime | None = None


class Count(Said):
    type: Literal["count"]
    occupied: Annotated[int, Field(ge=0, le=100_000)]

    def worth(self) -> tuple[int, str]:
        return self.occupied, f'"occupied":{self.occupied},'


class Movement(Said):
    type: Literal["movement"]
    delta: Annotated[int, Field(ge=-1_000, le=1_000)]

    def worth(self) -> tuple[int, str]:
        return self.delta, f'"delta":{self.delta},'


class Confirmation(Said):
    type: Literal["confirmation"]
    seq: Annotated[int, Field(ge=0)]

    def worth(self) -> tuple[int, str]:
        return self.seq, f'"seen":{self.seq},'


Report = Annotated[Count | Movement | Confirmation, Field(discriminator="type")]


class Batch(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sent_at: AwareDatetime | None = None
    reports: Annotated[list[Report], Field(min_length=1, max_length=1_000)]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def command(territory: str, said: Count | Movement | Confirmation, shift: timedelta, at: datetime) -> tuple[Any, ...]:
    """One report as the arguments of `report_v1`; the sender's clock is shifted to ours."""
    observed = at if said.observed_at is None else min(at, said.observed_at + shift)
    if observed < at - OLDEST:
        raise ValueError("too old")
    worth, content = said.worth()
    tag, observed_text = f"{{{territory}}}:", _text(observed)
    digest = hashlib.sha1(f"{said.type} {said.pool} {content}".encode()).hexdigest()[:16]
    body = (
        f'"id":"{said.id}","type":"{said.type}","pool":"{said.pool}",{content}'
        f'"observed_at":"{observed_text}","received_at":"{_text(at)}"}}'
    )
    return (
        "report_v1", 7, f"{tag}meta", f"{tag}rows", f"{tag}stamps", f"{tag}stream",
        f"{tag}pool:{said.pool}", f"{tag}movements:{said.pool}", f"{tag}answer:{said.id}",
        said.id, said.type, said.pool, _ms(observed), observed_text, _ms(at), digest, body, worth,
    )  # fmt: skip


def _result(said: Count | Movement | Confirmation, answer: list[bytes]) -> bytes:
    outcome, seq, row = answer[0], answer[1], answer[2] or b"null"
    if outcome == b"rejected":
        return b'{"id":"%b","outcome":"rejected","row":%b}' % (said.id.encode(), row)
    return b'{"id":"%b","outcome":"%b","seq":%b,"row":%b}' % (said.id.encode(), outcome, b"%d" % int(seq), row)


POOL = BlockingConnectionPool(
    connection_class=UnixDomainSocketConnection, path=os.environ.get("SOCKET", ""), max_connections=50
)
redis = Redis(connection_pool=POOL)
app = FastAPI()


@app.post("/v1/territories/{territory}/reports")
async def report(territory: Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")], batch: Batch) -> Response:
    at = datetime.now(UTC)
    shift = timedelta() if batch.sent_at is None else at - batch.sent_at
    calls = [redis.fcall(*command(territory, said, shift, at)) for said in batch.reports]
    answers = [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)
    results = b",".join(map(_result, batch.reports, answers))
    return Response(b'{"results":[%b]}' % results, media_type="application/json")


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(os.environ["PORT"]), loop="uvloop", http="httptools",
        access_log=False, log_level="warning",
    )  # fmt: skip
