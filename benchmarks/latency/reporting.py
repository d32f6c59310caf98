"""One report of a plain socket, and the same report as another one hears it in the feed."""

import json
import time

from benchmarks.latency.reader import Reader
from benchmarks.load import BadAnswer, Line


def report(reader: Reader, line: Line, request: bytes) -> tuple[float, float]:
    """Milliseconds from the sending to the message in the feed, and to the answer, whichever comes first."""
    started = time.perf_counter()
    line.ask(request)
    answered = seen = 0.0
    seq = heard = 0
    while not seen:
        for ready in reader.wait_with(line):
            now = time.perf_counter()
            if ready is line and line.hear():
                answered = now
                seq = _applied(line.body)
            elif ready is reader:
                heard, heard_at = reader.hear() or heard, now
        if seq and heard >= seq:
            seen = max(heard_at, started)
    return (seen - started) * 1000, (answered - started) * 1000


def _applied(body: bytes) -> int:
    result = json.loads(body)["results"][0]
    if result["outcome"] != "applied":
        raise BadAnswer(body)
    return int(result["seq"])
