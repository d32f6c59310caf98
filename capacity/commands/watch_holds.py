"""The active holds in a terminal: asked anew when a row says that what is held has changed, told soonest end first."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table
from rich.text import Text

from capacity.commands.service import Service, ms_of
from capacity.errors import ServiceRefused, ServiceUnreachable
from capacity.vocabulary.words import Channel

ASK_AGAIN_SECONDS = 15.0
"""An end that no row tells of, an extension say, is seen after this long."""
AT_MOST_EVERY_SECONDS = 0.5
SOON_MS = 10 * 60_000

CHANNELS = {Channel.THE_115: "115", Channel.MARAUDE: "maraude", Channel.SITE: "structure"}
PERSONS = (("women", "femme"), ("men", "homme"), ("children", "enfant"))
HEADINGS = ("code", "structure", "places", "ménage", "filière", "fin dans")

Hold = Mapping[str, Any]
"""A hold in the shape of the wire."""


@dataclass(slots=True)
class Promises:
    """A copy of the active holds that is asked for again whenever `changed` is set."""

    url: str
    territory: str
    holds: list[Hold] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    token: str | None = None

    async def follow(self) -> None:
        """Follow until cancelled. While the service is away the copy stays; that the link is lost is said elsewhere."""
        async with Service.open(self.url, self.territory, token=self.token) as service:
            while True:
                self.changed.clear()
                with suppress(ServiceUnreachable, ServiceRefused):
                    self.holds = list(await service.holds())
                await asyncio.sleep(AT_MOST_EVERY_SECONDS)
                with suppress(TimeoutError):
                    async with asyncio.timeout(ASK_AGAIN_SECONDS):
                        await self.changed.wait()


def holds_table(holds: Sequence[Hold], site_names: Mapping[str, str], now_ms: int, most: int) -> Table:
    """The first so many holds, and how many more there are; `site_names` by pool."""
    table = Table(*HEADINGS, expand=True, box=None, header_style="bold", pad_edge=False)
    for column in table.columns:
        column.no_wrap = True
    table.columns[1].ratio = 1
    for column in (table.columns[2], table.columns[5]):
        column.justify = "right"
    for hold in holds[:most]:
        table.add_row(*_cells(hold, site_names, now_ms))
    if len(holds) > most:
        table.add_row("", Text(f"et {len(holds) - most} autres", "dim"))
    return table


def party_words(party: Mapping[str, int] | None) -> str:
    """Who is awaited, in counts: `1 femme, 2 enfants`."""
    if party is None:
        return ""
    counts = ((party[kind], word) for kind, word in PERSONS)
    return ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for count, word in counts if count)


def left_words(expires_ms: int, now_ms: int) -> str:
    """How long a hold still lasts; that it is over is the service's word, not ours."""
    seconds = -((now_ms - expires_ms) // 1000)
    if seconds <= 0:
        return "terminé ?"
    return (
        f"{seconds // 3600} h {seconds % 3600 // 60:02d}" if seconds >= 3600 else f"{seconds // 60}:{seconds % 60:02d}"
    )


def _cells(hold: Hold, site_names: Mapping[str, str], now_ms: int) -> list[str | Text]:
    expires_ms = ms_of(hold["expires_at"])
    first = hold["lines"][0]["pool"]
    return [
        Text(hold["code"], "bold"),
        site_names.get(first, first),
        str(sum(line["places"] for line in hold["lines"])),
        party_words(hold["party"]),
        CHANNELS[Channel(hold["channel"])],
        Text(left_words(expires_ms, now_ms), "yellow" if expires_ms - now_ms < SOON_MS else ""),
    ]
