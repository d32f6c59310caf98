"""Plays the households of a made-up night: each asks, is promised a place, walks there, and the ending is told."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from capacity.commands.night import MINUTE_MS
from capacity.commands.pace import Pace
from capacity.commands.service import Answer, Service
from capacity.commands.street import Call, Ending, Household
from capacity.commands.street_tally import StreetTally
from capacity.vocabulary.words import RequestState, UnmetReason
from capacity.wire.holds import MOST_MINUTES

LEAST_HOLD_MINUTES = 5
LATE_MINUTES, LONGER_MINUTES = 5, 15
"""Who would be at the door less than this before the end asks for so much more."""
TRIES = 3
"""How many of the options an operator tries before saying that there is no place."""

SENT_AWAY = {Ending.FULL_ON_ARRIVAL, Ending.REFUSED}
"""After these a household asks again."""

Option = Mapping[str, Any]
Hold = Mapping[str, Any]


@dataclass(slots=True)
class Outreach:
    """Plays each household by itself; all of them keep to one pace. `run` sets this night's ids apart."""

    service: Service
    pace: Pace
    run: UUID
    tally: StreetTally = field(default_factory=StreetTally)

    async def play(self, households: Iterable[Household], advance: Callable[[], None]) -> None:
        """Play all of them, by their first calls, until the last one has arrived or given up."""

        async def one(household: Household) -> None:
            await self._play(household)
            advance()

        async with asyncio.TaskGroup() as tasks:
            for household in households:
                await self.pace.until(household.calls[0].at_ms)
                tasks.create_task(one(household), name=f"household {household.key}")

    async def _play(self, household: Household) -> None:
        """One call after the other, until one of them has led somewhere."""
        self.tally.households += 1
        contact = None
        for number, call in enumerate(household.calls):
            await self.pace.until(call.at_ms)
            visit = _Visit(self, household, call, f"{household.key}/{number}")
            contact = await visit.open_request(contact)
            if await visit.is_taken_care_of():
                return

    async def tell(self, what: str, path: str, key: str, body: Mapping[str, Any], *, is_again: bool = False) -> Answer:
        """Send a command under its own id, and count what came back."""
        await self.pace.turn()
        answer = await self.service.ask("POST", path, json={"id": str(uuid5(self.run, f"{key}/{what}")), **body})
        self.tally.add(what, answer, is_again=is_again)
        return answer

    def real_minutes(self, minutes: int) -> int:
        """Minutes of the night as a hold can have them: it ends by the service's clock, after 5 minutes at least."""
        return max(LEAST_HOLD_MINUTES, min(MOST_MINUTES, round(minutes / self.pace.speed)))


@dataclass(slots=True)
class _Visit:
    """One call of a household and what follows from it; `key` names its commands."""

    outreach: Outreach
    household: Household
    call: Call
    key: str
    request_path: str | None = None

    async def open_request(self, contact: str | None) -> str | None:
        """Open the request; answers the code by which the household is known from now on."""
        household, corner = self.household, self.household.corner
        body: dict[str, Any] = {
            "party": household.party.model_dump(),
            "needs": household.needs,
            "channel": self.call.channel,
        }
        if corner is not None and corner.area is not None:
            body["area"] = corner.area
        if contact is not None:
            body["contact"] = contact
        answer = await self._tell("request", "/requests", body)
        if not answer.is_yes:
            return contact
        self.request_path = f"/requests/{answer.body['request']['id']}/outcome"
        return answer.body["contact"] or contact

    async def is_taken_care_of(self) -> bool:
        """Look for a place, have it held, say what came of it; False when the household will ask again."""
        begun_ms = self.outreach.pace.night_ms()
        options, why_none = await self._search()
        if self.call.declines is not None and options:
            await self._close({"outcome": RequestState.UNMET, "reason": self.call.declines})
            return self.call.declines is UnmetReason.REFUSED
        hold = await self._first_hold(options)
        if hold is None:
            await self._close({"outcome": RequestState.UNMET, "reason": why_none})
            return False
        await self._close({"outcome": RequestState.ORIENTED, "hold": hold["id"]})
        await self._walk(hold, begun_ms)
        await self._end(hold)
        return self.call.ending not in SENT_AWAY

    async def _search(self) -> tuple[list[Option], UnmetReason]:
        """The options that may be held, best first, and what to say when nothing comes of them."""
        household, call = self.household, self.call
        query: dict[str, Any] = {**household.party.model_dump(), "channel": call.channel}
        query |= {need.value: 1 for need in household.needs}
        if household.corner is not None:
            query["near"] = f"{household.corner.lat},{household.corner.lon}"
        await self.outreach.pace.turn()
        answer = await self.outreach.service.ask("GET", "/availability", params=query)
        self.outreach.tally.add("search", answer)
        if not answer.is_yes:
            return [], UnmetReason.OTHER
        options = answer.body["options"]
        certain = [option for option in options if option["certainty"] == "certain"]
        on_the_phone = options if call.site_confirms else []
        nothing = UnmetReason.NO_FIT if answer.body.get("note") == "nothing_fits" else UnmetReason.NO_PLACE
        return certain or on_the_phone, nothing

    async def _first_hold(self, options: list[Option]) -> Hold | None:
        """The first of the best options that is still to be had."""
        for number, option in enumerate(options[:TRIES]):
            lines = [{"pool": line["pool"], "places": line["places"]} for line in option["lines"]]
            body = {
                "lines": lines,
                "minutes": self.outreach.real_minutes(self.call.hold_minutes),
                "party": self.household.party.model_dump(),
                "channel": self.call.channel,
            }
            answer = await self._tell("hold", "/holds", body, f"{self.key}/{number}")
            if answer.is_yes:
                hold: Hold = answer.body["hold"]
                return hold
        return None

    async def _close(self, outcome: Mapping[str, Any]) -> None:
        if self.request_path is None:
            return
        if (await self._tell("outcome", self.request_path, outcome)).is_yes:
            self.outreach.tally.close(outcome.get("reason"))

    async def _walk(self, hold: Hold, begun_ms: int) -> None:
        """The way to the door; who is late on it asks for more time."""
        call, pace = self.call, self.outreach.pace
        if call.walk_minutes > call.hold_minutes - LATE_MINUTES:
            await pace.until(begun_ms + (call.hold_minutes // 2) * MINUTE_MS)
            minutes = self.outreach.real_minutes(LONGER_MINUTES)
            await self._tell("extension", f"/holds/{hold['id']}/extension", {"minutes": minutes})
        await pace.until(begun_ms + call.walk_minutes * MINUTE_MS)

    async def _end(self, hold: Hold) -> None:
        """How it ends at the door, and what the other side says of it."""
        call, path = self.call, f"/holds/{hold['id']}"
        match call.ending:
            case Ending.FORGOTTEN:
                self.outreach.tally.endings[call.ending] += 1
                return
            case Ending.ARRIVED:
                answer = await self._tell("arrival", f"{path}/arrival", {})
            case Ending.FEWER:
                answer = await self._tell("arrival", f"{path}/arrival", {"lines": _one_fewer(hold)})
            case _:
                answer = await self._tell("release", f"{path}/release", {"reason": call.ending.value})
        if answer.is_yes:
            self.outreach.tally.endings[call.ending] += 1
        if call.statement is not None:
            side, says = call.statement
            await self._tell("statement", f"{path}/statement", {"side": side, "says": says})

    async def _tell(self, what: str, path: str, body: Mapping[str, Any], key: str | None = None) -> Answer:
        """Send a command; one whose answer got lost is sent again as it is."""
        answer = await self.outreach.tell(what, path, key or self.key, body)
        if self.call.is_sent_twice:
            answer = await self.outreach.tell(what, path, key or self.key, body, is_again=True)
        return answer


def _one_fewer(hold: Hold) -> list[dict[str, Any]]:
    """The lines of all but one place; where only one is held, of that one."""
    lines = [dict(line) for line in hold["lines"]]
    largest = max(lines, key=lambda line: int(line["places"]))
    if largest["places"] > 1:
        largest["places"] -= 1
    return lines
