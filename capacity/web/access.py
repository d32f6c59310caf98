"""The door of every address: who asks, what the table says of that, and how far it reaches. Law 10."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from starlette.types import ASGIApp, Receive, Scope, Send

from capacity.board.access import NOBODY, WHILE_IN_NEED, Action, Caller, Permission, permission
from capacity.board.access import Scope as AccessScope
from capacity.errors import NotAllowed, NotSignedIn, SecondFactorNeeded
from capacity.services.directory import Directories
from capacity.services.doorkeeping import Doorkeeper

COOKIE = "capacity"
_TOLD_BY_SITES = (AccessScope.TERRITORY, AccessScope.SITES)
_KEPT = "permission"
MOST_REMEMBERED = 10_000
"""Permissions of those who ask again and again, in each guard."""


class Guard:
    """Knows, for one action, who may do it and how far."""

    def __init__(self, action: Action, doorkeeper: Doorkeeper, directories: Directories) -> None:
        self._action = action
        self._doorkeeper = doorkeeper
        self._directories = directories
        self._told: dict[tuple[str, str], Permission] = {}  # by credential and territory, for its very caller
        self.enter = doorkeeper.enter
        self.exit = doorkeeper.exit

    async def check(self, scope: Scope) -> Permission:
        """What the table allows of what this request asks, as far as its address tells.

        A handler asks the permission for what the address does not name, such as the pools of a batch.

        Raises:
            NotSignedIn, NotAllowed
            SecondFactorNeeded: the person has to set a password or a second factor first.
            LedgerUnavailable: the credential, or whose the pool is, is not known here and Postgres cannot be asked.
        """
        caller = await self._caller(secret_of(scope))
        named = scope.get("path_params", {})
        territory = named.get("territory", "")
        permitted = permission(caller, self._action, territory)
        if permitted is None:
            raise NotSignedIn("Sign in first.") if caller is NOBODY else NotAllowed
        if permitted.scope is AccessScope.PUBLIC_SITES and not (await self._directories.of(territory)).is_public:
            raise NotSignedIn("Sign in first.")
        if permitted.scope is AccessScope.SITES and not await self._covers(permitted, territory, named):
            raise NotAllowed
        return permitted

    def recognises(self, secret: str | None, territory: str) -> Permission | None:
        """What a known bringer of this secret may do in a territory, or at sites that it is for. Never waits.

        Whoever goes on by this asks the permission for every site it comes to. None says no more than that `check`
        has to look.
        """
        caller = self._doorkeeper.recognise(secret)
        if caller is None or caller.need:
            return None
        permitted = self._told.get((caller.credential, territory))
        if permitted is None or permitted.caller is not caller:  # its grants may be others than they were
            permitted = self._tell(caller, territory)
        return permitted

    def _tell(self, caller: Caller, territory: str) -> Permission | None:
        """What the table says, as far as sites tell the rest; remembered, as the same ask again and again."""
        permitted = permission(caller, self._action, territory)
        if permitted is None or permitted.scope not in _TOLD_BY_SITES:
            return None
        if len(self._told) >= MOST_REMEMBERED:
            self._told.clear()
        self._told[caller.credential, territory] = permitted
        return permitted

    async def _caller(self, secret: str | None) -> Caller:
        try:
            caller = await self._doorkeeper.caller(secret)
        except NotSignedIn:
            if self._action is not Action.SIGN_IN:
                raise
            return await self._doorkeeper.caller(None)  # a cookie that has ended keeps nobody from signing in
        if caller.need is None or self._action in WHILE_IN_NEED:
            return caller
        caller = await self._doorkeeper.caller_anew(secret)  # it may have been set a moment ago
        if caller.need is not None:
            raise SecondFactorNeeded
        return caller

    async def _covers(self, permitted: Permission, territory: str, named: Mapping[str, str]) -> bool:
        if "pool" in named:
            owner = (await self._directories.of(territory)).owner(named["pool"])
            if owner is None:  # it may be new
                owner = (await self._directories.of_now(territory)).owner(named["pool"])
            return owner is not None and permitted.covers(owner)
        return "site" not in named or permitted.covers(named["site"])


class Guarded:
    """ASGI endpoint that lets a request through when its guard does; the permission goes along."""

    def __init__(self, endpoint: ASGIApp, guard: Guard) -> None:
        self._endpoint = endpoint
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through or refuse. Raises as `Guard.check`."""
        scope[_KEPT] = await self._guard.check(scope)
        await self._endpoint(scope, receive, send)


def permission_of(scope: Scope) -> Permission:
    """What the guard of this address found."""
    found: Permission = scope[_KEPT]
    return found


def caller_of(scope: Scope) -> Caller:
    """Who asks."""
    return permission_of(scope).caller


def secret_of(scope: Scope) -> str | None:
    """The secret that a request brings: a bearer token, or the cookie of a session or a device."""
    cookie = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, secret = value.partition(b" ")
            return secret.strip().decode("latin-1") if kind.lower() == b"bearer" else ""
        if name == b"cookie":
            cookie = value
    return None if cookie is None else _of_cookie(cookie.decode("latin-1"))


def _of_cookie(text: str) -> str | None:
    try:
        found = SimpleCookie(text).get(COOKIE)
    except CookieError:
        return None
    return None if found is None else found.value
