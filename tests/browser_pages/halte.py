"""One site in a territory of its own, as its staff, its neighbours and its ledger see it."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.whole_service import Spoken

_numbers = itertools.count(1)
WOMEN = {"id": "halte.women", "unit": "place", "audience": "women", "capacity": 39, "fresh_for": 3600}
FAMILIES = {"id": "halte.families", "unit": "room", "sleeps": 4, "audience": "families", "capacity": 6}


@dataclass(frozen=True)
class Halte:
    service: Spoken
    territory: str

    @classmethod
    def opened(cls, service: Spoken, *, counted: bool = True) -> Halte:
        halte = cls(service, f"screens-{next(_numbers)}")
        halte.register(WOMEN)
        if counted:
            halte.tell(type="count", pool="halte.women", occupied=36)
        return halte

    def register(self, *pools: dict[str, Any], **fields: Any) -> None:
        """Make or replace the site so that it has exactly these pools."""
        site = {
            "id": "halte",
            "name": "Halte de la Place",
            "kind": "women_halte",
            "visibility": "public",
            "address": "1 place de la Halte, 75004 Paris",
            "phone": "01 99 00 12 34",
            "pools": list(pools),
        }
        self.service.send("PUT", f"/v1/territories/{self.territory}/sites/halte", site | fields)

    def open_another(self, name: str, **fields: Any) -> None:
        """Another site for women, with 3 of its 39 places free."""
        site = {
            "id": name,
            "name": f"Halte {name}",
            "kind": "women_halte",
            "phone": "01 99 00 56 78",
            "pools": [{**WOMEN, "id": f"{name}.women"}],
        }
        self.service.send("PUT", f"/v1/territories/{self.territory}/sites/{name}", site | fields)
        self.tell(type="count", pool=f"{name}.women", occupied=36)

    def tell(self, *, minutes_ago: float = 0, **report: Any) -> dict[str, Any]:
        """What a person elsewhere reports; the one result."""
        observed = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        one = {"id": str(uuid.uuid4()), "observed_at": observed.isoformat(timespec="milliseconds"), **report}
        body = {"sent_at": datetime.now(UTC).isoformat(timespec="milliseconds"), "reports": [one]}
        answer = self.service.send("POST", f"/v1/territories/{self.territory}/reports", body)
        result: dict[str, Any] = answer["results"][0]
        assert result["outcome"] in {"applied", "late"}, result
        return result

    def row(self, pool: str = "halte.women") -> dict[str, Any]:
        board = self.service.get(f"/v1/territories/{self.territory}/board")
        found: dict[str, Any] = next(row for row in board["rows"] if row["pool"] == pool)
        return found

    def hold(self, places: int = 1, *, channel: str = "115", **fields: Any) -> dict[str, Any]:
        """Places for women held by someone elsewhere; the hold."""
        lines = [{"pool": "halte.women", "places": places}]
        body = {"id": str(uuid.uuid4()), "channel": channel, "lines": lines, "minutes": 45, **fields}
        answer = self.service.send("POST", f"/v1/territories/{self.territory}/holds", body)
        hold: dict[str, Any] = answer["hold"]
        return hold

    def end(self, hold: str, verb: str, **fields: Any) -> dict[str, Any]:
        """What someone elsewhere says of a hold; the hold."""
        body = {"id": str(uuid.uuid4()), **fields}
        answer = self.service.send("POST", f"/v1/territories/{self.territory}/holds/{hold}/{verb}", body)
        ended: dict[str, Any] = answer["hold"]
        return ended

    def told(self, hold: str) -> dict[str, Any]:
        """A hold as the service tells it, also one that has ended."""
        answer = self.service.get(f"/v1/territories/{self.territory}/holds/{hold}")
        found: dict[str, Any] = answer["hold"]
        return found

    def holds(self) -> list[dict[str, Any]]:
        """The active holds."""
        found: list[dict[str, Any]] = self.service.get(f"/v1/territories/{self.territory}/holds")["holds"]
        return found

    def keep(self, channel: str, places: int) -> None:
        """Keep places for women for one channel for an hour."""
        until = (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="milliseconds")
        body = {"contingents": [{"channel": channel, "places": places, "until": until}]}
        self.service.send("PUT", f"/v1/territories/{self.territory}/pools/halte.women/contingents", body)

    def url(self, page: str) -> str:
        return f"{self.service.url}{page}?territory={self.territory}"

    @property
    def tablet(self) -> str:
        return self.url("/halte/halte")
