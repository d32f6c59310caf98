"""Problems as RFC 9457 tells them: one table of stable types. Source: wire.md; architecture.md, Errors."""

from dataclasses import dataclass
from typing import Any


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


INVALID_BODY = ProblemType("invalid-body", "The body is not of the expected shape", 422)
INVALID_REPORT = ProblemType("invalid-report", "The report is not of the expected shape", 422)
INVALID_QUERY = ProblemType("invalid-query", "The query is not of the expected shape", 422)
TOO_OLD = ProblemType("too-old", "The report is older than seven days", 422)
UNKNOWN_POOL = ProblemType("unknown-pool", "No such pool", 404)
UNKNOWN_SITE = ProblemType("unknown-site", "No such site", 404)
UNKNOWN_TERRITORY = ProblemType("unknown-territory", "No such territory", 404)
ROW_CHANGED = ProblemType("row-changed", "The row has changed since it was seen", 409)
POOL_TAKEN = ProblemType("pool-taken", "The pool belongs to another site", 409)
NOT_FOUND = ProblemType("not-found", "Nothing is here", 404)
METHOD_NOT_ALLOWED = ProblemType("method-not-allowed", "The method is not allowed here", 405)
BODY_TOO_LARGE = ProblemType("body-too-large", "The body is too large", 413)
UNSUPPORTED_MEDIA_TYPE = ProblemType("unsupported-media-type", "The body must be JSON", 415)
STORE_UNAVAILABLE = ProblemType("store-unavailable", "The live store cannot be reached", 503)
LEDGER_UNAVAILABLE = ProblemType("ledger-unavailable", "The ledger cannot be reached", 503)
INTERNAL = ProblemType("internal", "Something went wrong on our side", 500)

PROBLEM_TYPES = tuple(value for value in dict(globals()).values() if isinstance(value, ProblemType))
