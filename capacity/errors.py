"""The tree of errors. A class's first docstring line is its message.

What the domain expects (late, duplicate, no free place) is a value with a name; what stands here breaks
a promise. One table, in `capacity/wire`, maps these to problems.
"""

from collections.abc import Sequence


class CapacityError(Exception):
    """Something went wrong."""

    def __str__(self) -> str:
        """What was said when it was raised, else the first line of the docstring."""
        said = super().__str__()
        return said or (type(self).__doc__ or "").partition("\n")[0]


class StoreUnavailable(CapacityError):
    """The live store cannot be reached; nothing was taken."""


class InDoubt(StoreUnavailable):
    """The live store did not confirm in time; send it again with the same id to learn whether it was taken."""


class ReplicaAway(StoreUnavailable):
    """The live store's replicas do not confirm that they have things on disk; nothing was taken."""


class StoreNotDurable(StoreUnavailable):
    """The live store writes nothing to disk: set `appendonly yes`, or nothing accepted could be kept."""


class LedgerUnavailable(CapacityError):
    """The ledger cannot be reached."""


class UnknownTerritory(CapacityError):
    """No such territory."""


class UnknownSite(CapacityError):
    """No such site in this territory."""


class UnknownPool(CapacityError):
    """No such pool in this territory."""


class PoolGone(CapacityError):
    """The pool is no longer on the board."""


class PoolTaken(CapacityError):
    """The pool belongs to another site."""


class InvalidBody(CapacityError):
    """The body is not of the expected shape; nothing was taken."""

    def __init__(self, errors: list[dict[str, object]]) -> None:
        super().__init__()
        self.errors = errors


class RangeTooLong(CapacityError):
    """The range holds more than one answer may carry; take a shorter one or a longer step."""


class InvalidQuery(CapacityError):
    """The query is not of the expected shape."""

    def __init__(self, errors: list[dict[str, object]]) -> None:
        super().__init__()
        self.errors = errors


class BodyTooLarge(CapacityError):
    """The body is larger than 1 MiB; nothing was taken."""


class BodyTooSlow(CapacityError):
    """The body did not arrive in time; nothing was taken."""


class NotJson(CapacityError):
    """The body must be sent as application/json in UTF-8; nothing was taken."""


class NotSignedIn(CapacityError):
    """Nobody is known by this credential, or no longer; sign in again."""


class NotAllowed(CapacityError):
    """This caller may not do that here."""


class WrongCredentials(CapacityError):
    """The e-mail, the password or the code is wrong."""


class CodeNeeded(CapacityError):
    """The second factor is missing: send its code, or a recovery code, along."""


class LinkUsed(CapacityError):
    """This link has been used or has ended; ask an admin for a new one."""


class TooManyTries(CapacityError):
    """Too many tries; wait before the next one."""

    def __init__(self, retry_seconds: int) -> None:
        super().__init__()
        self.retry_seconds = retry_seconds


class TooBusy(CapacityError):
    """Too many are signing in at once; try again in a moment."""


class WeakPassword(CapacityError):
    """A password needs at least 12 signs, and must not be one that is easily guessed."""


class WrongPassword(CapacityError):
    """The present password is wrong; nothing was changed."""


class WrongCode(CapacityError):
    """The code is wrong, or was used before; nothing was changed."""


class TotpActive(CapacityError):
    """There is a second factor already; take it off with one of its codes first."""


class SecondFactorNeeded(CapacityError):
    """A password or a second factor has to be set first; GET /v1/session says which."""


class UnknownSession(CapacityError):
    """No such session of yours."""


class UnknownPerson(CapacityError):
    """No such person in this territory."""


class LastAdmin(CapacityError):
    """A territory keeps at least one admin; make another one first."""


class UnknownProvider(CapacityError):
    """No such provider of identities."""


class IdentityRefused(CapacityError):
    """The provider's answer lets nobody in."""

    def __init__(self, reason: str) -> None:
        """`reason` is a word for the page: `unverified`, `uninvited`, `failed`, `unavailable`."""
        super().__init__(reason)
        self.reason = reason


class TooManyRequests(CapacityError):
    """Too much at once; wait a little."""

    def __init__(self, said: str, retry_seconds: int) -> None:
        super().__init__(said)
        self.retry_seconds = retry_seconds


class UnknownCode(CapacityError):
    """No screen shows this code at present, or it was decided on; the code lasts a quarter of an hour."""


class UnknownDevice(CapacityError):
    """No such device or token in this territory."""


class LedgerMoved(CapacityError):
    """The ledger's cursor is not where this recorder left it; another one records, or a store is older."""


class LedgerGap(CapacityError):
    """The stream does not continue where the ledger ends; recording stops before a number is lost."""


class AheadOfBoard(CapacityError):
    """The reader's position is beyond the board's in the same epoch, so writes were lost."""


class StartFailed(CapacityError):
    """The process cannot start. The message is one sentence that says what to do."""


class EngineTooOld(StartFailed):
    """A server is older than what is needed."""

    def __init__(self, engine: str, version: str, needed: str) -> None:
        super().__init__(f"{engine} {version} is too old: {needed} or newer is needed.")
        self.engine, self.version, self.needed = engine, version, needed


class FunctionsTooNew(StartFailed):
    """The live store's functions are of a newer capacity, and no longer serve this one."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(
            f"The live store has the functions of a newer capacity, which lack {', '.join(missing)}: "
            "install that version here too."
        )
        self.missing = missing


class FileRefused(CapacityError):
    """The file cannot be taken as it is; nothing of it was."""

    def __init__(self, *flaws: object) -> None:
        """`flaws` are lines to show, in the order of the file; each says where it is."""
        super().__init__("\n".join(map(str, flaws)))
        self.flaws = flaws


class ServiceUnreachable(CapacityError):
    """The service does not answer."""


class ServiceRefused(CapacityError):
    """The service refused the request."""

    def __init__(self, said: str, status: int) -> None:
        super().__init__(said)
        self.status = status
