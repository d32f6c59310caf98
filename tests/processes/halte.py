"""One halte with one pool, for the journeys that need something to lose."""

import time
from collections.abc import Callable
from uuid import uuid4

from tests.whole_service import RunningUp

PATIENCE_SECONDS = 20
SITE = {
    "id": "halte",
    "name": "Halte",
    "kind": "women_halte",
    "visibility": "public",
    "pools": [{"id": "halte.women", "unit": "place", "audience": "women", "capacity": 39}],
}


def until(claim: Callable[[], bool]) -> None:
    """Wait for a fact, within reason."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)


def post_count(service: RunningUp, occupied: int) -> str:
    """Count the halte, as a new command; its outcome. Raises HTTPError."""
    command = {"id": str(uuid4()), "type": "count", "pool": "halte.women", "occupied": occupied}
    return service.send("POST", "/v1/territories/75/reports", {"reports": [command]})["results"][0]["outcome"]
