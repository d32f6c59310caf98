"""The traffic of a city on a wall's board: counts that change numbers, at a steady rate, until it is told to end."""

import json
import threading
import time
from http.client import HTTPConnection, HTTPException
from random import Random
from uuid import uuid4

from benchmarks import bed
from benchmarks.load import exchange

SITES, POOLS_A_SITE, CAPACITY = 40, 10, 39
BATCH = 100
_AUDIENCES = ("women", "families", "men", "couples", "mixed", "minors")


def open_city(port: int, token: str) -> list[str]:
    """Four hundred pools over the twenty arrondissements; answers their ids."""
    names: list[str] = []
    for site in range(SITES):
        pools = [f"halte-{site}.p{n}" for n in range(POOLS_A_SITE)]
        body = {
            "id": f"halte-{site}",
            "name": f"Halte numéro {site}",
            "kind": "women_halte",
            "visibility": "public",
            "address": f"1 rue de la Halte, 750{site % 20 + 1:02} Paris",
            "pools": [
                {
                    "id": pool,
                    "audience": _AUDIENCES[n % len(_AUDIENCES)],
                    "unit": "room" if n % 5 == 0 else "place",
                    "sleeps": 3 if n % 5 == 0 else None,
                    "capacity": CAPACITY,
                }
                for n, pool in enumerate(pools)
            ],
        }
        exchange(port, "PUT", f"/v1/territories/{bed.TERRITORY}/sites/halte-{site}", body, token=token)
        names += pools
    return names


class Refused(Exception):
    """The service did not take a batch."""


class Traffic(threading.Thread):
    """Posts `per_second` counts in batches; `taken` is how many the service took."""

    def __init__(self, port: int, token: str, pools: list[str], per_second: float) -> None:
        super().__init__(name="traffic", daemon=True)
        self.taken = 0
        self.failure: Exception | None = None
        self._line = HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        self._pools = pools
        self._pause_seconds = BATCH / per_second
        self._is_over = threading.Event()

    def run(self) -> None:
        """Until `end`, or the service refuses."""
        random = Random(0)
        due = time.monotonic()
        try:
            while not self._is_over.wait(max(0.0, due - time.monotonic())):
                due = max(due + self._pause_seconds, time.monotonic() - 1)
                self._post(random)
        except (
            OSError,
            HTTPException,
            Refused,
        ) as failure:  # told by whoever measures: a quiet wall would seem to hold out well
            self.failure = failure

    def _post(self, random: Random) -> None:
        reports = [
            {"id": str(uuid4()), "type": "count", "pool": pool, "occupied": random.randint(CAPACITY - 6, CAPACITY)}
            for pool in random.sample(self._pools, BATCH)
        ]
        path = f"/v1/territories/{bed.TERRITORY}/reports"
        self._line.request("POST", path, json.dumps({"reports": reports}), self._headers)
        answer = self._line.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise Refused(f"{answer.status} {said[:200]!r}")
        self.taken += said.count(b'"applied"')

    def end(self) -> None:
        self._is_over.set()
        self.join()
        self._line.close()
