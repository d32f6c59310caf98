"""Who calls. Until people and devices sign in there is one caller: whoever can reach the loopback address."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks. `role` is what they may do."""

    role: str


_LOCAL = Caller("local")


def caller(_connection: HTTPConnection) -> Caller:
    """Whoever sent this request. The one place where accounts will enter."""
    return _LOCAL
