"""A view of one territory's registry: which pools it shows, under which ids, and which sites. Law 10.

To whoever may not know a protected site, each of its pools is a site of its own with an opaque id: it cannot even be
told that two of them are at one address. The id is the same for all who see it so, and it comes from a key that never
leaves the registry.
"""

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Iterable, Mapping
from functools import cached_property
from hashlib import blake2b
from typing import Any

from capacity.board.changes import RowChange
from capacity.board.visibility import WHOLE, Sight, View
from capacity.store.registry import Belonging, Standing
from capacity.vocabulary.words import Kind, Visibility
from capacity.wire.registry import Pool, Site, Sites

OPAQUE = "protege-"
LABEL = "Site protégé"
_ID_BYTES = 10


class Unplaced(Exception):
    """The registry as we have it does not know whose this pool is."""


class Veil:
    """Makes the opaque ids of a territory's pools."""

    def __init__(self, key: bytes, territory: str) -> None:
        self._key = key
        self._territory = territory

    def opaque(self, pool_id: str) -> str:
        """The id under which a protected pool is told."""
        digest = hmac.digest(self._key, f"{self._territory} {pool_id}".encode(), hashlib.sha256)
        return OPAQUE + b32encode(digest[:_ID_BYTES]).decode().lower()


class Lens:
    """What one view makes of a registry at one version. Never changes."""

    def __init__(
        self, view: View, standing: Standing, sites: Iterable[Site], belongings: Mapping[str, Belonging], veil: Veil
    ) -> None:
        self.view = view
        self._standing = standing
        self.is_shut = view.is_for_everybody and not standing.is_public
        self._belongings = belongings
        self._site_sights = {
            whose.site_id: view.sight(whose.site_id, whose.visibility) for whose in belongings.values()
        }
        self._sights = {pool: view.sight(whose.site_id, whose.visibility) for pool, whose in belongings.items()}
        masked = [pool for pool, sight in self._sights.items() if sight is Sight.MASKED]
        self._shown = {pool: veil.opaque(pool) for pool in masked}
        self._meant = {shown: pool for pool, shown in self._shown.items()}
        self.sites = tuple(self._seen(sites))
        self._by_id = {site.id: site for site in self.sites}
        self._site_of = {pool.id: site.id for site in self.sites for pool in site.pools}
        self.signature = self._signature()

    @cached_property
    def page(self) -> bytes:
        """The sites as the wire shows them."""
        return Sites(sites=list(self.sites)).model_dump_json().encode()

    @property
    def etag(self) -> str:
        """The tag of the page: another one after every edit, and for every view."""
        version = self._standing.version
        if self.view.is_whole:
            return f'"{version}"'
        said = " ".join([self.view.reach, *sorted(self.view.own)])
        return f'"{version}.{blake2b(said.encode(), digest_size=6).hexdigest()}"'

    def site(self, site_id: str) -> Site | None:
        """A site by the id under which it is shown; None for one that is not."""
        return self._by_id.get(site_id)

    def has(self, pool_id: str, site_id: str) -> bool:
        """Whether a shown pool is where a shown row says it is."""
        return self._site_of.get(pool_id) == site_id

    def shown(self, pool_id: str) -> str | None:
        """The id under which a pool is shown; None when it is not."""
        if self.view.is_whole:
            return pool_id
        return self._shown.get(pool_id) or (pool_id if self._sights.get(pool_id) is Sight.PLAIN else None)

    def meant(self, shown_id: str) -> str | None:
        """The pool that a viewer names; None for a name that it cannot have from us."""
        if self.view.is_whole:
            return shown_id
        return self._meant.get(shown_id) or (shown_id if self._sights.get(shown_id) is Sight.PLAIN else None)

    def is_masked(self, pool_id: str) -> bool:
        """Whether a pool is shown under an opaque id."""
        return pool_id in self._shown

    def row(self, change: RowChange) -> bytes | None:
        """A row as it is shown; None for one that is not.

        Raises:
            Unplaced: it must not be shown to anybody but whoever sees everything, until it is known whose it is.
        """
        if self.view.is_whole:
            return change.row
        whose = self._belongings.get(change.pool)
        if whose is None:
            raise Unplaced
        sight = self._sights[change.pool]
        if not change.gone and sight is not self._site_sights.get(_site_of(change)):
            raise Unplaced  # it moves between two sites, and the registry is ahead of the board or behind
        if sight is Sight.PLAIN:
            return change.row
        return _masked(change, self._shown[change.pool]) if sight is Sight.MASKED else None

    def told_row(self, row: bytes) -> bytes | None:
        """The same for a row that an answer of the live store brings; one that is unplaced is not shown."""
        try:
            return self.row(RowChange.of(0, row))
        except Unplaced:
            return None

    def told_rows(self, rows: Iterable[bytes]) -> list[bytes]:
        """Those of some rows that are shown, as they are."""
        return [told for row in rows if (told := self.told_row(row)) is not None]

    def told_lines(self, lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The lines of a hold with the ids under which their pools are shown; without those that are not."""
        return [{**line, "pool": shown} for line in lines if (shown := self.shown(line["pool"])) is not None]

    def _seen(self, sites: Iterable[Site]) -> Iterable[Site]:
        for site in sites:
            sight = self.view.sight(site.id, site.visibility)
            if sight is Sight.PLAIN:
                yield site
            elif sight is Sight.MASKED:
                yield from (_masked_site(pool, self._shown[pool.id]) for pool in site.pools if pool.id in self._shown)

    def _signature(self) -> str:
        """Names what is not shown as it is, '' where everything is: a reader from before begins anew."""
        other = sorted(f"{pool} {sight.value}" for pool, sight in self._sights.items() if sight is not Sight.PLAIN)
        if self.view.is_whole or not other:
            return ""
        said = "\n".join([self.view.reach, *sorted(self.view.own), *other, *self._shown.values()])
        return "." + blake2b(said.encode(), digest_size=6).hexdigest()


def _site_of(change: RowChange) -> str:
    start = len(b'{"pool":"","site":"') + len(change.pool)
    return change.row[start : change.row.index(b'"', start)].decode()


def _masked(change: RowChange, shown: str) -> bytes:
    """A row under another id; at which site it is goes unsaid."""
    start = len(b'{"pool":""') + len(change.pool)
    if change.gone:
        return b'{"pool":"%b"%b' % (shown.encode(), change.row[start:])
    end = change.row.index(b'"', start + len(b',"site":"')) + 1
    return b'{"pool":"%b","site":"%b"%b' % (shown.encode(), shown.encode(), change.row[end:])


def _masked_site(pool: Pool, shown: str) -> Site:
    return Site(
        id=shown,
        name=LABEL,
        kind=Kind.SHELTER,  # every one, whatever it is
        visibility=Visibility.PROTECTED,
        pools=(pool.model_copy(update={"id": shown}),),
    )


EVERYTHING = Lens(WHOLE, Standing(0, is_public=False), (), {}, Veil(b"", ""))
"""The lens of who sees everything as it is: it needs no registry for what passes through it."""
