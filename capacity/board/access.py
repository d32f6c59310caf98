"""Who may do what, and how far: one table, which everything asks and from which the documents are made.

Source: domain.md, laws 9 and 10; the issue "People, devices and protected addresses".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from capacity.vocabulary.roles import Role
from capacity.vocabulary.words import Channel


class Action(StrEnum):
    """What can be asked of the service. Every address carries one."""

    READ_BOARD = "read_board"
    READ_SITES = "read_sites"
    READ_HISTORY = "read_history"
    READ_LEDGER = "read_ledger"
    EXPLAIN = "explain"
    SEARCH = "search"
    REPORT = "report"
    HOLD = "hold"
    SEE_HOLDS = "see_holds"
    SEE_EXPIRIES = "see_expiries"
    """When held places come back: all that a screen on a wall may know of holds."""
    END_HOLD = "end_hold"
    ACCEPT_HOLD = "accept_hold"
    ASK_ADDRESS = "ask_address"
    KEEP_CONTINGENTS = "keep_contingents"
    RECORD_REQUEST = "record_request"
    READ_REQUESTS = "read_requests"
    EDIT_SITES = "edit_sites"
    READ_PROTECTED = "read_protected"
    ADMIT_DEVICE = "admit_device"
    MAKE_TOKEN = "make_token"  # noqa: S105 a word for what is asked, no secret
    MANAGE_PEOPLE = "manage_people"
    READ_AUDIT = "read_audit"
    SIGN_IN = "sign_in"
    """To come, to go, and to ask who one is."""
    OWN_ACCOUNT = "own_account"
    """What a person does with its own sessions, password and second factor; whose they are is told by the caller."""
    SET_PUBLICITY = "set_publicity"
    OPEN_TO_ALL = "open_to_all"


class Scope(StrEnum):
    """How far an action reaches in the territory of a grant."""

    TERRITORY = "territory"
    SITES = "sites"
    """The sites that the grant names."""
    PUBLIC_SITES = "public_sites"
    """The sites of visibility `public`, where the territory lets everybody read."""
    OWN = "own"
    """What the caller itself has done: its own holds."""


_T, _S, _P, _O = Scope.TERRITORY, Scope.SITES, Scope.PUBLIC_SITES, Scope.OWN
_A, _OP, _M, _ST, _W, _I, _PUB = (
    Role.ADMIN, Role.OPERATOR, Role.MARAUDE, Role.STAFF, Role.WALL, Role.INTEGRATION, Role.PUBLIC,
)  # fmt: skip

RULES: Mapping[Action, Mapping[Role, Scope]] = MappingProxyType(
    {
        Action.READ_BOARD: {_A: _T, _OP: _T, _M: _T, _ST: _T, _W: _T, _I: _S, _PUB: _P},
        Action.READ_SITES: {_A: _T, _OP: _T, _M: _T, _ST: _T, _W: _T, _I: _S, _PUB: _P},
        Action.READ_HISTORY: {_A: _T, _OP: _T, _ST: _S},
        Action.READ_LEDGER: {_A: _T, _OP: _T},
        Action.EXPLAIN: {_A: _T, _OP: _T, _M: _T, _ST: _S},
        Action.SEARCH: {_A: _T, _OP: _T, _M: _T},
        Action.REPORT: {_A: _T, _OP: _T, _ST: _S, _I: _S},
        Action.HOLD: {_A: _T, _OP: _T, _M: _T, _ST: _S},
        Action.SEE_HOLDS: {_A: _T, _OP: _T, _M: _O, _ST: _S},
        Action.SEE_EXPIRIES: {_A: _T, _OP: _T, _W: _T},
        Action.END_HOLD: {_A: _T, _OP: _T, _M: _O, _ST: _S},
        Action.ACCEPT_HOLD: {_A: _T, _OP: _T, _ST: _S},
        Action.ASK_ADDRESS: {_A: _T, _OP: _T, _M: _O},
        Action.KEEP_CONTINGENTS: {_A: _T, _OP: _T, _ST: _S},
        Action.RECORD_REQUEST: {_A: _T, _OP: _T},
        Action.READ_REQUESTS: {_A: _T, _OP: _T},
        Action.EDIT_SITES: {_A: _T},
        Action.READ_PROTECTED: {_A: _T, _OP: _T, _ST: _S, _I: _S},
        Action.ADMIT_DEVICE: {_A: _T, _OP: _T},
        Action.MAKE_TOKEN: {_A: _T},
        Action.MANAGE_PEOPLE: {_A: _T},
        Action.READ_AUDIT: {_A: _T},
        Action.SIGN_IN: dict.fromkeys(Role, _T),
        Action.OWN_ACCOUNT: dict.fromkeys(Role, _T),
        Action.SET_PUBLICITY: {_A: _T},
        Action.OPEN_TO_ALL: dict.fromkeys(Role, _T),
    }
)
"""What is not here is not allowed."""

_REACH = {
    Scope.TERRITORY: "{}",
    Scope.SITES: "{} at their own sites",
    Scope.OWN: "{} for what they did themselves",
    Scope.PUBLIC_SITES: "{} of public sites, where the territory lets them",
}


def who_may(action: Action) -> str:
    """A line of the table in words."""
    roles = RULES[action]
    if set(roles.values()) == {Scope.TERRITORY} and set(roles) == set(Role):
        return "For everybody."
    by_scope = {scope: [role.value for role in roles if roles[role] is scope] for scope in Scope}
    told = [_REACH[scope].format(", ".join(names)) for scope, names in by_scope.items() if names]
    return f"For {'; '.join(told)}."


CHANNELS: Mapping[Role, Channel] = MappingProxyType(
    {_A: Channel.THE_115, _OP: Channel.THE_115, _M: Channel.MARAUDE, _ST: Channel.SITE}
)
"""The channel that a role promises places for."""

ADMITS: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {_A: frozenset(Role) - {_PUB}, _OP: frozenset({_OP, _M, _ST, _W})}
)
"""The roles that a role may let a device be, and may end: nobody makes anybody greater than itself."""


WHILE_IN_NEED = frozenset({Action.SIGN_IN, Action.OWN_ACCOUNT, Action.OPEN_TO_ALL})
"""What the session of a person may do who has to set a password or a second factor first."""


class Need(StrEnum):
    """What a person has to set before its session may do anything else."""

    PASSWORD = "password"  # noqa: S105 a word for the need, no secret
    TOTP = "totp"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in one territory; `sites` are those that it is for, none for a role that is for all of it."""

    role: Role
    sites: frozenset[str] = frozenset()


PUBLIC = Grant(Role.PUBLIC)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as that matters: an opaque id and its grants by territory. Never a name.

    `id` is the person's, or the device's or token's own; `credential` is what it came in by, '' for nobody.
    `elsewhere` is what it is in a territory that `grants` does not name. `need` is what it has to set first.
    """

    id: str
    credential: str = ""
    grants: Mapping[str, Grant] = field(default_factory=dict)
    elsewhere: Grant = PUBLIC
    need: Need | None = None

    def grant(self, territory: str) -> Grant:
        """What it is in a territory."""
        return self.grants.get(territory, self.elsewhere)


@dataclass(frozen=True, slots=True)
class Permission:
    """An action that is allowed, how far, and to whom."""

    action: Action
    scope: Scope
    grant: Grant
    caller: Caller

    def covers(self, site_id: str) -> bool:
        """Whether it reaches a site; one of `public_sites` or of `own` is not told by the site's name."""
        return self.scope is not Scope.SITES or site_id in self.grant.sites


NOBODY = Caller("public")

PROVEN_ROLES = frozenset({Role.ADMIN, Role.OPERATOR})
"""The roles whose people need a second factor."""


def need_of(grants: Iterable[Grant], *, has_password: bool, has_totp: bool) -> Need | None:
    """What a person who answers for its sessions here has to set first."""
    if not has_password:
        return Need.PASSWORD
    is_proven = has_totp or all(grant.role not in PROVEN_ROLES for grant in grants)
    return None if is_proven else Need.TOTP


def may_admit(grant: Grant, role: Role) -> bool:
    """Whether a device or a system may be let in for a role, or be shown out, by who has this grant."""
    return role in ADMITS.get(grant.role, ())


def permission(caller: Caller, action: Action, territory: str) -> Permission | None:
    """What the table says; None when it is not allowed at all."""
    grant = caller.grant(territory)
    scope = RULES[action].get(grant.role)
    return None if scope is None else Permission(action, scope, grant, caller)
