"""Problems as RFC 9457 tells them: one table of stable types. Source: wire.md; architecture.md, Errors."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of refusal: `slug` makes the stable relative URI, `title` never changes, `status` is HTTP's."""

    slug: str
    title: str
    status: int

    @property
    def uri(self) -> str:
        """The stable `type` on the wire."""
        return f"/problems/{self.slug}"

    def body(self, detail: str, **members: Any) -> dict[str, Any]:
        """The problem object; `members` are extension members such as `errors` or `row`."""
        return {"type": self.uri, "title": self.title, "status": self.status, "detail": detail, **members}


class FoundError(BaseModel):
    """One finding about the input: where, and what."""

    loc: list[str | int] = Field(examples=[["reports", 0, "occupied"]])
    msg: str


class Problem(BaseModel):
    """What went wrong. Some types carry more members, such as the present `row`."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "type": "/problems/unknown-territory",
                "title": "No such territory",
                "status": 404,
                "detail": "No such territory.",
            }
        },
    )

    type: str = Field(description="stable relative URI of the kind of problem", pattern=r"^/problems/[a-z-]+$")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    errors: list[FoundError] = Field(default=[], description="for bad input: each finding")


INVALID_BODY = ProblemType("invalid-body", "The body is not of the expected shape", 422)
INVALID_REPORT = ProblemType("invalid-report", "The report is not of the expected shape", 422)
INVALID_QUERY = ProblemType("invalid-query", "The query is not of the expected shape", 422)
TOO_OLD = ProblemType("too-old", "The report is older than seven days", 422)
UNKNOWN_POOL = ProblemType("unknown-pool", "No such pool", 404)
UNKNOWN_SITE = ProblemType("unknown-site", "No such site", 404)
UNKNOWN_TERRITORY = ProblemType("unknown-territory", "No such territory", 404)
ROW_CHANGED = ProblemType("row-changed", "The row has changed since it was seen", 409)
POOL_TAKEN = ProblemType("pool-taken", "The pool belongs to another site", 409)
NO_FREE_PLACE = ProblemType("no-free-place", "Not enough free places", 409)
POOL_CLOSED = ProblemType("pool-closed", "The pool is closed", 409)
POOL_DRAINING = ProblemType("pool-draining", "The pool takes no new arrivals", 409)
POOL_SUSPENDED = ProblemType("pool-suspended", "The pool is suspended for now", 409)
POOL_GONE = ProblemType("pool-gone", "The pool is no longer on the board", 410)
NOT_ACCEPTED = ProblemType("not-accepted", "The site has not accepted it yet", 409)
ADDRESS_GIVEN = ProblemType("address-given", "The address was given before", 409)
UNKNOWN_HOLD = ProblemType("unknown-hold", "No such hold", 404)
HOLD_ENDED = ProblemType("hold-ended", "The hold has ended", 409)
HOLD_ACTIVE = ProblemType("hold-active", "The hold has not ended", 409)
HOLD_TOO_LONG = ProblemType("hold-too-long", "A hold ends at most 240 minutes from now", 422)
MORE_THAN_HELD = ProblemType("more-than-held", "More arrived than was held", 409)
ID_TAKEN = ProblemType("id-taken", "The id belongs to another command", 409)
UNKNOWN_REQUEST = ProblemType("unknown-request", "No such request", 404)
REQUEST_CLOSED = ProblemType("request-closed", "The request has had its outcome", 409)
NOT_SIGNED_IN = ProblemType("not-signed-in", "Sign in first", 401)
NOT_ALLOWED = ProblemType("not-allowed", "This is not allowed here", 403)
WRONG_CREDENTIALS = ProblemType("wrong-credentials", "The e-mail, the password or the code is wrong", 401)
CODE_NEEDED = ProblemType("code-needed", "The second factor is missing", 401)
LINK_USED = ProblemType("link-used", "The link has been used or has ended", 401)
TOO_MANY_TRIES = ProblemType("too-many-tries", "Too many tries", 429)
TOO_BUSY = ProblemType("too-busy", "Too many are signing in at once", 503)
WEAK_PASSWORD = ProblemType("weak-password", "The password is too easily guessed", 422)
WRONG_PASSWORD = ProblemType("wrong-password", "The present password is wrong", 403)
WRONG_CODE = ProblemType("wrong-code", "The code is wrong", 403)
TOTP_ACTIVE = ProblemType("totp-active", "There is a second factor already", 409)
SECOND_FACTOR_NEEDED = ProblemType("second-factor-needed", "A password or a second factor has to be set first", 403)
UNKNOWN_SESSION = ProblemType("unknown-session", "No such session", 404)
UNKNOWN_PERSON = ProblemType("unknown-person", "No such person", 404)
LAST_ADMIN = ProblemType("last-admin", "A territory keeps at least one admin", 409)
UNKNOWN_PROVIDER = ProblemType("unknown-provider", "No such provider", 404)
UNKNOWN_CODE = ProblemType("unknown-code", "No screen shows this code", 404)
UNKNOWN_DEVICE = ProblemType("unknown-device", "No such device", 404)
TOO_MANY_REQUESTS = ProblemType("too-many-requests", "Too much at once", 429)
TOO_MANY_CONNECTIONS = ProblemType("too-many-connections", "Too many connections", 503)
BAD_REQUEST = ProblemType("bad-request", "The request cannot be understood", 400)
FOREIGN_ORIGIN = ProblemType("foreign-origin", "Another site's page may not write here", 403)
FOREIGN_HOST = ProblemType("foreign-host", "This service is not known by that name", 421)
NOT_FOUND = ProblemType("not-found", "Nothing is here", 404)
METHOD_NOT_ALLOWED = ProblemType("method-not-allowed", "The method is not allowed here", 405)
TOO_SLOW = ProblemType("too-slow", "The request did not arrive in time", 408)
BODY_TOO_LARGE = ProblemType("body-too-large", "The body is too large", 413)
ADDRESS_TOO_LONG = ProblemType("address-too-long", "The address is too long", 414)
UNSUPPORTED_MEDIA_TYPE = ProblemType("unsupported-media-type", "The body must be JSON", 415)
HEADERS_TOO_LARGE = ProblemType("headers-too-large", "The headers are too large", 431)
OVERLOADED = ProblemType("overloaded", "The service is overloaded", 503)
NOT_READY = ProblemType("not-ready", "The service is not ready", 503)
STOPPING = ProblemType("stopping", "The service is stopping", 503)
STORE_UNAVAILABLE = ProblemType("store-unavailable", "The live store cannot be reached", 503)
LEDGER_UNAVAILABLE = ProblemType("ledger-unavailable", "The ledger cannot be reached", 503)
INTERNAL = ProblemType("internal", "Something went wrong on our side", 500)

PROBLEM_TYPES = tuple(value for value in dict(globals()).values() if isinstance(value, ProblemType))
