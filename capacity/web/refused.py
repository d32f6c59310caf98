"""What is refused before it is a request at all: a whole answer as bytes, for whoever has only the transport."""

import json

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from capacity.web.defences import HTTPS_LINES, PLAIN_LINES
from capacity.web.problems import RETRY_SECONDS
from capacity.wire.problems import ProblemType

_RETRY = b"retry-after: %d\r\n" % RETRY_SECONDS


def refused(kind: ProblemType, detail: str = "", *, is_https: bool) -> bytes:
    """The answer that tells a problem and is the last of its connection."""
    body = json.dumps(kind.body(detail or f"{kind.title}.")).encode()
    head = (
        b"content-type: application/problem+json\r\ncache-control: no-store\r\nconnection: close\r\n"
        b"%bcontent-length: %d%b\r\n\r\n"
        % (_RETRY if kind.status == 503 else b"", len(body), HTTPS_LINES if is_https else PLAIN_LINES)
    )
    return STATUS_LINE[kind.status] + head + body
