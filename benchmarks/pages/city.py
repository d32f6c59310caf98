"""A city of four hundred pools on a winter night: nearly all are full, and a few have room."""

from collections.abc import Iterable
from uuid import uuid4

from benchmarks import bed
from benchmarks.load import BadAnswer, exchange
from capacity.board.clocks import rfc3339, system_clock

AUDIENCES = ("women", "families", "men", "couples", "mixed")
SITES, POOLS, CAPACITY = 80, 80 * len(AUDIENCES), 39
COUNTED_BEFORE_MS = 600_000
TERRITORY = f"/v1/territories/{bed.TERRITORY}"


def name_of(site: int) -> str:
    """What the screens call it."""
    return f"Halte numéro {site}"


def pool_of(site: int, audience: str = "women") -> str:
    return f"halte-{site}.{audience}"


def open_city(port: int, token: str) -> None:
    """Eighty sites over the twenty arrondissements; every pool of them was counted ten minutes ago, and is full."""
    for site in range(SITES):
        body = {
            "id": f"halte-{site}",
            "name": name_of(site),
            "kind": "night_halte",
            "visibility": "public",
            "address": f"{site + 1} rue de la Halte, 750{site % 20 + 1:02} Paris",
            "phone": "01 99 00 12 34",
            "opening_hours": "Mo-Su 18:00-08:00",
            "pools": [
                {"id": pool_of(site, audience), "audience": audience, "capacity": CAPACITY} for audience in AUDIENCES
            ],
        }
        exchange(port, "PUT", f"{TERRITORY}/sites/halte-{site}", body, token=token)
    everything = [pool_of(site, audience) for site in range(SITES) for audience in AUDIENCES]
    _count(port, token, [(pool, CAPACITY) for pool in everything], system_clock() - COUNTED_BEFORE_MS)


def free_up(port: int, token: str, free: dict[int, int]) -> None:
    """Count the women of these sites, in one batch, so that so many of their places are free."""
    _count(port, token, [(pool_of(site), CAPACITY - places) for site, places in free.items()], system_clock())


def _count(port: int, token: str, occupied: Iterable[tuple[str, int]], observed_ms: int) -> None:
    moment = rfc3339(observed_ms)
    reports = [
        {"id": str(uuid4()), "type": "count", "pool": pool, "occupied": places, "observed_at": moment}
        for pool, places in occupied
    ]
    body = {"sent_at": rfc3339(system_clock()), "reports": reports}
    results = exchange(port, "POST", f"{TERRITORY}/reports", body, token=token)["results"]
    if any(result["outcome"] != "applied" for result in results):
        raise BadAnswer(results)
