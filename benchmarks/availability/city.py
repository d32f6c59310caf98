"""A made-up city of a thousand sites, the same one every time, in which every site has free places.

That is the dearest night to search in: in a real one most places are taken, and a pool without any is passed over.
"""

from random import Random
from typing import Any
from uuid import UUID

from benchmarks.load import exchange
from capacity.board.clocks import rfc3339, system_clock

SITES, POOLS_A_SITE = 1_000, 2
KINDS = ("shelter", "night_halte", "women_halte", "family_halte", "social_hotel", "cold_plan")
AUDIENCES = ("women", "men", "families", "couples", "mixed")
UNITS = ({"unit": "place"}, {"unit": "bed"}, {"unit": "room", "sleeps": 3})
HOURS = ("24/7", "Mo-Su 18:00-08:00", "Mo-Su 19:00-09:00", "Mo-Fr 18:00-08:00; Sa-Su 17:00-10:00", None)
SOUTH, NORTH, WEST, EAST = 48.818, 48.900, 2.255, 2.410
HOUR_MS = 3_600_000


def build(port: int, territory: str, token: str) -> None:
    """Put the sites into the registry and count every pool, at moments of the last ten hours."""
    chance = Random(115)
    counts = []
    now_ms = system_clock()
    for number in range(SITES):
        site = _site(f"site-{number:04d}", chance)
        exchange(port, "PUT", f"/v1/territories/{territory}/sites/{site['id']}", site, token=token)
        for pool in site["pools"]:
            observed = rfc3339(now_ms - chance.randrange(10 * HOUR_MS))
            occupied = pool["capacity"] - chance.randint(1, 9)
            report_id = str(UUID(int=chance.getrandbits(128), version=4))
            counts.append({"id": report_id, "type": "count", "pool": pool["id"], "occupied": occupied})
            counts[-1]["observed_at"] = observed
    for first in range(0, len(counts), 1_000):
        body = {"reports": counts[first : first + 1_000]}
        exchange(port, "POST", f"/v1/territories/{territory}/reports", body, token=token)


def somewhere(chance: Random) -> str:
    """A point of the city, as a query has it."""
    return f"{chance.uniform(SOUTH, NORTH):.5f},{chance.uniform(WEST, EAST):.5f}"


def _site(site_id: str, chance: Random) -> dict[str, Any]:
    lat, _, lon = somewhere(chance).partition(",")
    pools = [
        {
            "id": f"{site_id}.{audience}",
            "audience": audience,
            "capacity": 20,
            "traits": ["pets"],
            **chance.choice(UNITS),
        }
        for audience in chance.sample(AUDIENCES, POOLS_A_SITE)
    ]
    return {
        "id": site_id,
        "name": f"Une structure, la {site_id}",
        "kind": chance.choice(KINDS),
        "address": "1 rue de la Paix, 75002 Paris",
        "phone": "01 99 00 00 00",
        "position": {"lat": float(lat), "lon": float(lon)},
        "opening_hours": chance.choice(HOURS),
        "pools": pools,
    }
