"""Judges what the live store keeps of active holds: that all of it says the same, and that every hold ends. Law 5."""

from collections import Counter
from collections.abc import Iterator, Mapping

from capacity.commands.checkup import REBUILD, Finding, bad, doubtful, good, some
from capacity.store.promises import HELD, Promises

LATE_MS = 5_000
"""A hold ends within a second of its time; one that is so late has nobody who looks."""


def check_holds(name: str, promises: Promises | None) -> Iterator[Finding]:
    """A territory's active holds: the sums of their places, their codes, their ends."""
    subject = f"territory {name}"
    if promises is None:
        said = "holds: came and went too fast to be compared at one instant"
        yield doubtful(subject, said, "ask again in a moment")
        return
    active = {hold_id: hold for hold_id, hold in promises.holds.items() if hold.get("state") == "active"}
    ills = list(_ills(promises, active))
    for said, names, advice in ills:
        if names:
            yield bad(subject, f"holds: {said}: {some(names)}", advice)
    if not any(names for _, names, _ in ills):
        yield good(subject, f"holds: {len(active):,} active, each kept alike everywhere, `held` of each pool their sum")


def _ills(promises: Promises, active: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, list[str], str]]:
    """What may be wrong, whom it concerns (nobody, when all is well), and what to do."""
    sums, by_pool = _sums(active)
    wrong_sums = [
        f"{pool} ({facts[field]}, not {sums[pool, field]})"
        for pool, facts in promises.held.items()
        for field in HELD
        if facts[field] != sums[pool, field]
    ]
    yield "`held` is not the sum of the active holds", wrong_sums, REBUILD
    elsewhere = [pool for pool, ids in promises.by_pool.items() if ids != by_pool.get(pool, set())]
    elsewhere += sorted(by_pool.keys() - promises.by_pool.keys())
    yield "pools are kept with other holds than have places there", elsewhere, REBUILD
    wrong_codes = [code for code, hold_id in promises.codes.items() if active.get(hold_id, {}).get("code") != code]
    wrong_codes += [hold["code"] for hold_id, hold in active.items() if promises.codes.get(hold["code"]) != hold_id]
    yield "codes lead to another hold than has them", sorted(set(wrong_codes)), REBUILD
    wrong_ends = [
        hold_id
        for hold_id in sorted({*promises.ends, *active})
        if active.get(hold_id, {}).get("expires_ms") != str(promises.ends.get(hold_id))
    ]
    yield "holds are awaited at another moment than their end", wrong_ends, REBUILD
    late = [hold_id for hold_id, end_ms in promises.ends.items() if end_ms < promises.now_ms - LATE_MS]
    yield "their time is over and nobody ended them", late, "start `capacity serve`: every one of them ends holds"


def _sums(active: Mapping[str, Mapping[str, str]]) -> tuple[Counter[tuple[str, str]], dict[str, set[str]]]:
    """The places that active holds keep, by pool and fact; and the holds with a line in each pool."""
    sums: Counter[tuple[str, str]] = Counter()
    by_pool: dict[str, set[str]] = {}
    for hold_id, hold in active.items():
        for line in hold["lines"].split():
            pool, _, places = line.partition("=")
            by_pool.setdefault(pool, set()).add(hold_id)
            for field in ("held", f"held_{hold['channel']}"):
                sums[pool, field] += int(places)
    return sums, by_pool
