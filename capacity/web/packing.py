"""Long JSON answers, packed for a slow line.

Only bodies that carry no secret and repeat nothing that the asker chose: whoever can make a browser ask, and sees how
long the answer is, learns nothing from its length then (BREACH). Sessions, tokens and holds are never packed.
"""

import gzip
import re
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

LEAST_BYTES = 1_400
"""What fits into one packet anyway is not worth the work."""
LEVEL = 5
KEPT = 32
_REFUSED = re.compile(r"\s*q=0(\.0*)?\s*")


def packed(request: Request, body: bytes, headers: dict[str, str], *, for_many: bool = False) -> Response:
    """200 with a JSON body, gzipped for those who read that; once only when it is the same `for_many`."""
    told = {"vary": "Accept-Encoding", **headers}
    if len(body) < LEAST_BYTES or not _reads_gzip(request):
        return Response(body, headers=told, media_type="application/json")
    told["content-encoding"] = "gzip"
    if "etag" in told:  # a strong tag names these very bytes, which now are others
        told["etag"] = f"W/{told['etag'].removeprefix('W/')}"
    zipped = _gzipped_once(body) if for_many else _gzipped(body)
    return Response(zipped, headers=told, media_type="application/json")


def _reads_gzip(request: Request) -> bool:
    said = (one.partition(";") for one in request.headers.get("accept-encoding", "").split(","))
    return any(name.strip() == "gzip" and not _REFUSED.fullmatch(weight) for name, _, weight in said)


def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, LEVEL, mtime=0)


_gzipped_once = lru_cache(maxsize=KEPT)(_gzipped)
