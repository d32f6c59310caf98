"""Law 5 and the contingents said once more, as plainly as they read, on top of the laws of reports.

Nothing is remembered here but the holds and what was said: what is held is added up anew each time.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from capacity.board.clocks import rfc3339
from tests.store.reference import Model, PoolModel, Said

CHANNELS = ("115", "maraude", "site")
TELLING_REASONS = ("no_show", "refused", "full_on_arrival")


@dataclass
class HoldModel:
    id: str
    channel: str
    lines: dict[str, int]
    expires: int
    created: int
    seq: int
    state: str = "active"
    ended: int | None = None
    reason: str | None = None
    arrived: dict[str, int] | None = None
    statements: list[dict] = field(default_factory=list)
    disputed: bool = False

    @property
    def is_active(self):
        return self.state == "active"

    def end(self, state, at, seq, reason=None):
        self.state, self.ended, self.seq, self.reason = state, at, seq, reason

    def differs(self, says):
        """Whether what a side says is not how it ended, as far as that tells anything."""
        if self.state == "arrived":
            return says != "arrived"
        if self.reason in TELLING_REASONS:
            return says != self.reason
        return says == "arrived"

    def shown(self):
        """As the wire shows it, but for the code and the party."""
        return {
            "id": self.id, "channel": self.channel, "lines": lines_of(self.lines), "state": self.state,
            "expires_at": rfc3339(self.expires), "seq": self.seq, "created_at": rfc3339(self.created),
            "ended_at": None if self.ended is None else rfc3339(self.ended), "reason": self.reason,
            "arrived": None if self.arrived is None else lines_of(self.arrived),
            "statements": self.statements, "disputed": self.disputed, "acceptance": None,
        }  # fmt: skip


def lines_of(lines):
    return [{"pool": pool, "places": places} for pool, places in lines.items()]


@dataclass
class HoldPool(PoolModel):
    holds: dict[str, HoldModel] = field(default_factory=dict)
    """All of the territory; whose lines name this pool is looked up each time."""
    contingents: list[tuple[str, int, int]] = field(default_factory=list)
    """Channel, places, and until when."""

    def held(self, pool, channel=None):
        """The sum of the active holds, of one channel or of all. Law 5."""
        return sum(
            hold.lines.get(pool, 0)
            for hold in self.holds.values()
            if hold.is_active and channel in (None, hold.channel)
        )

    def row(self, pool):
        row = super().row(pool)
        held = self.held(pool)
        left = row["capacity"] + row["extra"] - row["out_of_service"] - row["occupied"] - held
        free = max(0, left) if row["status"] == "open" else 0
        kept = [
            {"channel": channel, "places": places, "until": rfc3339(until)}
            | ({"held": min(places, mine)} if (mine := self.held(pool, channel)) else {})
            for channel, places, until in self.contingents
        ]
        return row | {"held": held, "free": free, "over": max(0, -left), "contingents": kept}

    def promisable(self, pool, channel, now):
        """What is free, less what is kept for the others and not yet held by them."""
        kept = sum(
            max(0, places - self.held(pool, other))
            for other, places, until in self.contingents
            if other != channel and until > now
        )
        return self.row(pool)["free"] - kept

    def arrive(self, command_id, came, now):
        """Who comes now is in no count that is known by now."""
        count = self.newest("count")
        at = now if count is None else max(now, count.at + 1)
        self.said.append(Said(command_id, "movement", at, {"delta": came}))


class HoldsModel(Model):
    """A territory as the laws want it, command by command."""

    pools: dict[str, HoldPool]
    DERIVED: ClassVar = "made by the store"

    def __init__(self):
        super().__init__()
        self.holds: dict[str, HoldModel] = {}
        self.acted_on: dict[str, str] = {}
        """The hold of each command that was not its creation."""

    def active(self):
        return sorted(
            (hold for hold in self.holds.values() if hold.is_active), key=lambda hold: (hold.expires, hold.id)
        )

    def register(self, pool, edit_id, site, capacity, fresh_for, now):
        known = self.pools.get(pool)
        if known is not None and known.site == site:
            super().register(pool, edit_id, site, capacity, fresh_for, now)
            return
        if known is not None:
            self._let_go(pool, now)
        self.gone.pop(pool, None)
        seq = self.number(edit_id, pool, "applied")
        self.pools[pool] = HoldPool(site, capacity, fresh_for, seq, holds=self.holds)

    def take_off(self, pool, edit_id, now):
        if pool in self.pools:
            self._let_go(pool, now)
            self.remove(pool, edit_id)

    def _let_go(self, pool, now):
        for hold in sorted((hold for hold in self.active() if pool in hold.lines), key=lambda hold: hold.id):
            if hold.expires <= now:
                self._end(hold, "expired", hold.expires, "hold_expired", leaving=pool)
            else:
                self._end(hold, "released", now, "hold_released", reason="pool_gone", leaving=pool)

    def _end(self, hold, state, at, kind, *, command_id=DERIVED, reason=None, leaving=None):
        seq = self.number(command_id, hold.id, kind)
        hold.end(state, at, seq, reason)
        self._stamp(hold, seq, leaving)

    def _stamp(self, hold, seq, leaving=None):
        for pool in hold.lines:
            if pool != leaving:
                self.pools[pool].row_seq = seq

    def expire(self, now, most):
        """Holds first, then contingents, soonest first."""
        due = [hold for hold in self.active() if hold.expires <= now][:most]
        for hold in due:
            self._end(hold, "expired", hold.expires, "hold_expired")
        hours = sorted(
            (min(until for _, _, until in pool.contingents), name)
            for name, pool in self.pools.items()
            if pool.contingents
        )
        over = [(soonest, name) for soonest, name in hours if soonest <= now][: most - len(due)]
        for soonest, name in over:
            pool = self.pools[name]
            pool.contingents = [kept for kept in pool.contingents if kept[2] > soonest]
            pool.row_seq = self.number(self.DERIVED, name, "contingents_ended")
        return len(due) + len(over)

    def keep(self, pool, contingents):
        if pool not in self.pools:
            return "pool-gone" if pool in self.gone else "unknown-pool"
        if self.pools[pool].contingents == contingents:
            return "same"
        self.pools[pool].contingents = contingents
        self.pools[pool].row_seq = self.number(self.DERIVED, pool, "contingents_set")
        return "done"

    def refusal(self, lines, channel, now):
        for pool in lines:
            if pool not in self.pools:
                return "pool-gone" if pool in self.gone else "unknown-pool"
        for pool, places in lines.items():
            status = self.pools[pool].row(pool)["status"]
            if status != "open":
                return f"pool-{status}"
            if self.pools[pool].promisable(pool, channel, now) < places:
                return "no-free-place"
        return None

    def create(self, hold_id, channel, lines, expires, now):
        """The outcome, and why not."""
        if hold_id in self.holds:
            return "duplicate", ""
        if hold_id in self.answers:
            return "refused", "id-taken"
        self._expire_holds(now)
        if refusal := self.refusal(lines, channel, now):
            return "refused", refusal
        seq = self.number(hold_id, hold_id, "hold_created")
        self.answers[hold_id] = seq
        self.holds[hold_id] = hold = HoldModel(hold_id, channel, lines, expires, now, seq)
        self._stamp(hold, seq)
        return "done", ""

    def act(self, verb, command_id, hold_id, now, said):
        """The outcome of a verb about a hold, and why not."""
        self._expire_holds(now)
        hold = self.holds.get(hold_id)
        if hold is None:
            return "refused", "unknown-hold"
        if command_id in self.answers:
            return ("duplicate", "") if self.acted_on.get(command_id) == hold_id else ("refused", "id-taken")
        refusal = self._refused(verb, hold, now, said)
        if refusal:
            return "refused", refusal
        getattr(self, f"_{verb}")(hold, command_id, now, said)
        self.answers[command_id], self.acted_on[command_id] = self.seq, hold_id
        return "done", ""

    def _refused(self, verb, hold, now, said):
        if verb == "tell":
            return "hold-active" if hold.is_active else None
        if not hold.is_active:
            return "hold-ended " + ("no" if self.refusal(hold.lines, hold.channel, now) else "again")
        if verb == "extend" and hold.expires + said["by"] > said["latest"]:
            return "hold-too-long"
        if verb == "arrive" and any(places > hold.lines.get(pool, 0) for pool, places in said["lines"].items()):
            return "more-than-held"
        return None

    def _arrive(self, hold, command_id, now, said):
        came = said["lines"] or hold.lines
        self._end(hold, "arrived", now, "hold_arrived", command_id=command_id)
        hold.arrived = {pool: came.get(pool, 0) for pool in hold.lines}
        for pool, places in hold.arrived.items():
            if places:
                self.pools[pool].arrive(command_id, places, now)

    def _release(self, hold, command_id, now, said):
        self._end(hold, "released", now, "hold_released", command_id=command_id, reason=said["reason"])

    def _extend(self, hold, command_id, _now, said):
        hold.seq = self.number(command_id, hold.id, "hold_extended")
        hold.expires += said["by"]

    def _tell(self, hold, command_id, now, said):
        hold.seq = self.number(command_id, hold.id, "hold_told")
        others = [each for each in hold.statements if each["side"] != said["side"]]
        hold.statements = [{"side": said["side"], "says": said["says"], "at": rfc3339(now)}, *others]
        hold.disputed = hold.disputed or hold.differs(said["says"])

    def _expire_holds(self, now):
        for hold in [hold for hold in self.active() if hold.expires <= now]:
            self._end(hold, "expired", hold.expires, "hold_expired")
