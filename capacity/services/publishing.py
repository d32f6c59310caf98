"""Publishing: whether everybody may read the numbers of a territory's public sites."""

from capacity.board.access import Caller
from capacity.services.auditing import Auditing
from capacity.store.publicity import Publicity, PublicityStore
from capacity.vocabulary.acts import Act


class Publishing:
    """Opens a territory to everybody, and closes it.

    Every method raises LedgerUnavailable, and UnknownTerritory where it is asked about one.
    """

    def __init__(self, store: PublicityStore, auditing: Auditing) -> None:
        self._store = store
        self._auditing = auditing

    async def of(self, territory: str) -> Publicity:
        """What a territory is now."""
        return await self._store.of(territory)

    async def open_to_all(self) -> list[Publicity]:
        """Those that everybody may read, by name."""
        return await self._store.open_to_all()

    async def set(self, caller: Caller, territory: str, *, is_public: bool) -> Publicity:
        """Open or close it; the change and its line in the audit are kept together."""
        act = Act.TERRITORY_PUBLIC if is_public else Act.TERRITORY_PRIVATE
        await self._store.set(territory, is_public=is_public, noted=self._auditing.noted(caller, territory, act))
        return await self._store.of(territory)
