"""Equipping: the devices and systems that a territory lets in, and how they are shown out."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from capacity.board.access import Grant, Permission, may_admit
from capacity.board.clocks import Clock, from_ms
from capacity.errors import InvalidBody, NotAllowed, UnknownDevice, UnknownSite
from capacity.services.admitting import Admission, Admitting
from capacity.services.directory import Directories
from capacity.store.credentials import CredentialKind
from capacity.store.devices import DeviceStore
from capacity.vocabulary.roles import SITE_ROLES, Role
from capacity.wire.devices import Device

TOLD_AFTER_END = timedelta(days=30)
"""For how long one that has ended still stands in the list."""


class Equipping:
    """Every method raises LedgerUnavailable and UnknownTerritory."""

    def __init__(
        self,
        devices: DeviceStore,
        admitting: Admitting,
        directories: Directories,
        *,
        clock: Clock,
        look: Callable[[], Awaitable[None]],
    ) -> None:
        """`look` is asked to show out at once, in this process, whoever is let in no more."""
        self._devices = devices
        self._admitting = admitting
        self._directories = directories
        self._clock = clock
        self._look = look

    async def devices(self, territory: str) -> list[Device]:
        """Those that are let in, newest first, then those that ended within a month."""
        await self._directories.of(territory)
        return await self._devices.of_territory(territory, self._ended_after())

    async def device(self, territory: str, device_id: str) -> Device:
        """One of them. Raises UnknownDevice, also for one of another territory only."""
        await self._directories.of(territory)
        found = await self._devices.one(territory, device_id, self._ended_after())
        if found is None:
            raise UnknownDevice
        return found

    async def grants(
        self, permitted: Permission, territory: str, role: Role, sites: Sequence[str]
    ) -> Mapping[str, Grant]:
        """What a device or system would be, if it may.

        Raises:
            NotAllowed: who asks may not let in anybody for this role.
            InvalidBody: the sites do not fit the role, or are not there. A token for a site that nobody has yet would
                be a key to whatever gets that name.
        """
        if not may_admit(permitted.grant, role):
            raise NotAllowed(f"Your role may not let anybody in as {role}.")
        if (role in SITE_ROLES) != bool(sites):
            needed = "this role is for sites, name them" if role in SITE_ROLES else "this role is for all of them"
            raise InvalidBody([{"loc": ["sites"], "msg": needed}])
        directory = await self._directories.of(territory)
        for i, site_id in enumerate(sites):
            try:
                directory.site(site_id)
            except UnknownSite:
                raise InvalidBody([{"loc": ["sites", i], "msg": "there is no such site"}]) from None
        return {territory: Grant(role, frozenset(sites))}

    async def make_token(
        self, permitted: Permission, territory: str, role: Role, sites: Sequence[str], *, label: str, days: int
    ) -> tuple[Admission, Device]:
        """A bearer token for a system. Raises as `grants`."""
        grants = await self.grants(permitted, territory, role, sites)
        admission = await self._admitting.admit(
            CredentialKind.TOKEN, label, lasts=timedelta(days=days), grants=grants, admitted_by=admitter(permitted)
        )
        return admission, await self.device(territory, admission.credential)

    async def revoke(self, permitted: Permission, territory: str, device_id: str) -> None:
        """Let it in no more: it is out within two seconds wherever it is inside. Again: the same.

        Raises:
            UnknownDevice
            NotAllowed: who asks may not let in anybody for its role either.
        """
        device = await self.device(territory, device_id)
        if not may_admit(permitted.grant, device.role):
            raise NotAllowed(f"Your role may not show out a device that is {device.role}.")
        await self._admitting.end(device_id)
        await self._look()

    def _ended_after(self) -> datetime:
        return from_ms(self._clock()) - TOLD_AFTER_END


def admitter(permitted: Permission) -> str | None:
    """Who lets in by this permission, as it is kept."""
    return permitted.caller.id if permitted.caller.credential else None
