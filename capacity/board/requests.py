"""The requests of a night, told from their numbered commands: what was asked, what became of it, what it adds up to.

One household may call seven times in a night, so requests, households and persons are counted apart.
Source: domain.md, request; law 9.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Command = Mapping[str, Any]
"""A numbered command as the ledger keeps it."""


@dataclass(frozen=True, slots=True)
class Request:
    """A call for a household. `seq` is the number of the command that last changed it.

    `party` counts women, men and children. `household` is opaque, and of one night only. Once it is `oriented`,
    `hold` names the hold; once it is `unmet`, `reason` says why.
    """

    id: str
    seq: int
    opened_at: str
    night: str
    party: Mapping[str, int]
    needs: Sequence[str]
    channel: str
    area: str | None
    household: str
    state: str = "open"
    reason: str | None = None
    hold: str | None = None
    closed_at: str | None = None

    @property
    def persons(self) -> int:
        """How many people the household was."""
        return sum(self.party.values())


@dataclass(frozen=True, slots=True)
class Summary:
    """What a night adds up to. `persons` counts each household once, at its largest; `unmet` is by reason."""

    requests: int
    households: int
    persons: int
    open: int
    oriented: int
    unmet: Mapping[str, int]
    empty_searches: int


def opened(command: Command) -> Request:
    """The request that a command opened."""
    return Request(
        id=command["id"],
        seq=command["seq"],
        opened_at=command["observed_at"],
        night=command["night"],
        party=command["party"],
        needs=command["needs"],
        channel=command["channel"],
        area=command.get("area"),
        household=command["household"],
    )


def closed(request: Request, command: Command) -> Request:
    """The request with the outcome that a command gave it."""
    return replace(
        request,
        seq=command["seq"],
        state=command["state"],
        reason=command.get("reason"),
        hold=command.get("hold"),
        closed_at=command["observed_at"],
    )


class Book:
    """The requests of one night, as far as it was told. A command that it has heard already changes nothing."""

    def __init__(self) -> None:
        self.seq = 0
        """The number of the last command heard."""
        self._requests: dict[str, Request] = {}
        self._persons: dict[str, int] = {}
        self._empty_searches = 0

    def hear(self, command: Command) -> None:
        """Take in the next command of the night; they come by their numbers."""
        if command["seq"] <= self.seq:
            return
        self.seq = command["seq"]
        match command["type"]:
            case "request_opened":
                request = self._requests[command["id"]] = opened(command)
                known = self._persons.get(request.household, 0)
                self._persons[request.household] = max(known, request.persons)
            case "request_closed":
                self._requests[command["request"]] = closed(self._requests[command["request"]], command)
            case "search_empty":
                self._empty_searches += 1

    def newest(self, most: int) -> list[Request]:
        """At most so many requests, those opened last first."""
        in_order = list(self._requests.values())
        return in_order[: -most - 1 : -1]

    def summary(self) -> Summary:
        """What the night adds up to by now."""
        states = Counter(request.state for request in self._requests.values())
        return Summary(
            requests=len(self._requests),
            households=len(self._persons),
            persons=sum(self._persons.values()),
            open=states["open"],
            oriented=states["oriented"],
            unmet=Counter(request.reason for request in self._requests.values() if request.reason is not None),
            empty_searches=self._empty_searches,
        )
