"""A plain command on its way to its answer, for a caller that is called back and does not wait."""

from collections.abc import Callable, Sequence

from capacity.errors import StoreUnavailable
from capacity.store.gathering import Argument

Result = Callable[[Sequence[bytes]], bytes | None]
"""Makes the answer of the store's reply; None where there is more to say than a plain success."""


class Asking:
    """One call of a pipeline. `then` is called once, when `answer` can tell or `is_refused` says why it cannot.

    `then` must not raise: the calls behind this one in the pipeline have yet to be told.
    """

    __slots__ = ("_cause", "_note_at", "_reply", "_result", "_then", "command", "created", "is_refused")

    def __init__(
        self,
        command: tuple[Argument, ...],
        result: Result,
        then: "Callable[[Asking], None]",
        *,
        note_at: int,
        created: str = "",
    ) -> None:
        """`note_at` is where the reply has its note; `created` is the id of what a success makes, if it makes any."""
        self.command = command
        self.created = created
        self.is_refused = False
        """Whether the store refused the call as such, for instance because it has lost our functions."""
        self._result = result
        self._note_at = note_at
        self._then = then
        self._reply: Sequence[bytes] | None = None
        self._cause: BaseException | None = None

    @property
    def is_noted(self) -> bool:
        """Whether the store had something to remark, so that the answer may go to the log as well."""
        return self._reply is not None and self._reply[self._note_at] != b""

    def answer(self) -> bytes | None:
        """The answer to the whole request as JSON bytes; None where only the long way can tell. Ask once: it counts.

        Raises:
            InDoubt: no reply came, and the command may or may not have been taken.
            StoreUnavailable: it could not be.
        """
        if self._reply is None:
            if isinstance(self._cause, StoreUnavailable):
                raise self._cause
            raise StoreUnavailable from self._cause
        return self._result(self._reply)

    def deliver(self, reply: Sequence[bytes]) -> None:
        """The store decided."""
        self._reply = reply
        self._then(self)

    def refuse(self, refusal: Exception) -> None:
        """The store did not know what to do; nothing was taken."""
        self.is_refused = True
        self._cause = refusal
        self._then(self)

    def fail(self, failure: StoreUnavailable) -> None:
        """No reply came."""
        self._cause = failure
        self._then(self)
