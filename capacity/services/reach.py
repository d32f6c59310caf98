"""How far a reporter reaches: which pools of a batch are at sites that it is for. Law 10."""

from collections.abc import Iterable
from typing import Any

from capacity.board.access import Permission, Scope
from capacity.services.directory import Directories, Directory
from capacity.vocabulary.words import Visibility
from capacity.wire.problems import NOT_ALLOWED, UNKNOWN_POOL

Problem = dict[str, Any]


class Reach:
    """Tells whose pools a caller may report on, of those whose permission is for some sites only."""

    def __init__(self, directories: Directories) -> None:
        self._directories = directories

    def covers(self, permitted: Permission, territory: str, pool_id: str) -> bool:
        """Whether the pool is known to be at one of its sites, from memory: False also where that cannot be told."""
        if permitted.scope is Scope.TERRITORY:
            return True
        directory = self._directories.known(territory)
        site = None if directory is None else directory.site_of(pool_id)
        return site is not None and permitted.covers(site.id)

    async def refusals(self, permitted: Permission, territory: str, pools: Iterable[str]) -> dict[str, Problem]:
        """The problem of each pool that is out of reach.

        A pool that the registry did not have a moment ago may have been put there meanwhile, so it is asked once more:
        a tablet never sends a refused report again.

        Raises:
            UnknownTerritory
            LedgerUnavailable: whose the pools are cannot be told.
        """
        if permitted.scope is Scope.TERRITORY:
            return {}
        asked = set(pools)
        directory = await self._directories.of(territory)
        if any(directory.site_of(pool) is None for pool in asked):
            self._directories.doubt(territory)
            directory = await self._directories.of(territory)
        found = {pool: _problem(permitted, directory, pool) for pool in asked}
        return {pool: problem for pool, problem in found.items() if problem is not None}


def _problem(permitted: Permission, directory: Directory, pool_id: str) -> Problem | None:
    """A protected site of others is not there: else its ids could be found by trying."""
    site = directory.site_of(pool_id)
    if site is not None and permitted.covers(site.id):
        return None
    if site is None or site.visibility is Visibility.PROTECTED:
        return UNKNOWN_POOL.body("There is no such pool on the board of this territory; nothing was taken.")
    return NOT_ALLOWED.body("The pool is at a site that you do not report for; nothing was taken.")
