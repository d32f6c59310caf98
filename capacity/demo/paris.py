"""Makes the sites of the demo out of `paris.toml`: 300 sites and 600 pools, the same ones every time."""

import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import accumulate
from math import cos, pi, radians, sin, sqrt
from typing import Any

from capacity.demo.drawing import draw, draw_between, spread
from capacity.vocabulary.slugs import slug_of
from capacity.vocabulary.words import Unit
from capacity.wire.registry import Pool, Site

METRES_A_DEGREE = 111_195
SLEEPING_UNITS = {Unit.PLACE, Unit.BED, Unit.ARMCHAIR, Unit.ROOM}

Plan = dict[str, Any]
"""A site or a pool of `paris.toml` on its way to the wire's shape."""


@cache
def plan() -> Plan:
    """What `paris.toml` says."""
    return tomllib.loads(files("capacity.demo").joinpath("paris.toml").read_text("utf-8"))


def sites() -> list[Site]:
    """Every site of the demo: the real ones first, then the invented ones kind by kind."""
    paris = plan()
    real = [_with_full_pool_ids(site) for site in paris["site"]]
    invented = [site for index, family in enumerate(paris["family"]) for site in _invented(family, index, paris)]
    for number, site in enumerate(invented):
        site["phone"] = fictitious_phone(number)
    planned = real + invented
    _share_out(planned, paris["totals"])
    return [Site.model_validate(site) for site in planned]


def places(pool: Pool) -> int:
    """How many people a pool can sleep: a room counts for those it sleeps, everything else for one."""
    return pool.capacity * (pool.sleeps or 1)


def fictitious_phone(number: int) -> str:
    """A telephone number that rings nowhere: Arcep keeps 01 99 00 xx xx for works of fiction."""
    return f"01 99 00 {number // 100:02d} {number % 100:02d}"


def _invented(family: Plan, family_index: int, paris: Plan) -> Iterator[Plan]:
    variants = [variant for variant in family["variants"] for _ in range(variant["sites"])]
    words = paris["names"]["words"]
    weights = [arrondissement["weight"] for arrondissement in paris["arrondissement"]]
    # Each kind begins elsewhere in the list of names and takes steps that reach every name once.
    for index, variant in enumerate(_shuffled(variants, family["slug"])):
        word = words[(family_index * 11 + index * 7) % len(words)]
        site_id = f"{family['slug']}-les-{slug_of(word)}"
        number = _arrondissement_at((index + draw(site_id, "where")) / len(variants), weights)
        pools = [{**_sized(pool, site_id), "fresh_for": family["fresh_for"]} for pool in variant["pools"]]
        site = {
            "id": site_id,
            "name": family["name"].format(word=word),
            "kind": family["kind"],
            "address": f"{75000 + number} Paris",
            "position": _position(site_id, paris["arrondissement"][number - 1]["circle"]),
            "opening_hours": family["opening_hours"],
            "organisation": _organisation(site_id, paris["names"]["organisations"]),
            "pools": pools,
        }
        yield _with_full_pool_ids(site)


def _sized(pool: Plan, site_id: str) -> Plan:
    if "share" in pool:
        return {**pool, "share": pool["share"] * (0.6 + draw(site_id, pool["id"]))}
    bounds = pool["least"], pool["most"]
    others = {key: value for key, value in pool.items() if key not in {"least", "most"}}
    return {**others, "capacity": draw_between(*bounds, site_id, pool["id"])}


def _share_out(planned: list[Plan], totals: Plan) -> None:
    """Give the pools that have a `share` what the others leave of the totals, to the last place."""
    of_shelters = [site for site in planned if site["kind"] in totals["sleeping_kinds"]]
    sleeping = [pool for site in of_shelters for pool in site["pools"] if pool["unit"] in SLEEPING_UNITS]
    lockers = [pool for site in planned for pool in site["pools"] if pool["unit"] == Unit.LOCKER]
    for total, pools in ((totals["sleeping"], sleeping), (totals["lockers"], lockers)):
        sharing = [pool for pool in pools if "share" in pool]
        taken = sum(pool["capacity"] * pool.get("sleeps", 1) for pool in pools if "capacity" in pool)
        parts = spread(total - taken, [pool.pop("share") for pool in sharing])
        for pool, part in zip(sharing, parts, strict=True):
            pool["capacity"] = part


def _with_full_pool_ids(site: Plan) -> Plan:
    return {**site, "pools": [{**pool, "id": f"{site['id']}.{pool['id']}"} for pool in site["pools"]]}


def _arrondissement_at(fraction: float, weights: list[float]) -> int:
    """The number of the arrondissement that lies this far along all weights laid end to end."""
    ends = list(accumulate(weights))
    return bisect_right(ends[:-1], fraction * ends[-1]) + 1


def _position(site_id: str, circle: Plan) -> Plan:
    """Somewhere in the circle, every spot of it as likely as any other."""
    metres = circle["metres"] * sqrt(draw(site_id, "how far"))
    angle = 2 * pi * draw(site_id, "which way")
    north, east = metres * cos(angle), metres * sin(angle)
    return {
        "lat": round(circle["lat"] + north / METRES_A_DEGREE, 5),
        "lon": round(circle["lon"] + east / METRES_A_DEGREE / cos(radians(circle["lat"])), 5),
    }


def _organisation(site_id: str, organisations: list[str]) -> str:
    return organisations[draw_between(0, len(organisations) - 1, site_id, "organisation")]


def _shuffled(variants: Iterable[Plan], family_slug: str) -> list[Plan]:
    numbered = sorted(enumerate(variants), key=lambda pair: draw(family_slug, pair[0]))
    return [variant for _, variant in numbered]
