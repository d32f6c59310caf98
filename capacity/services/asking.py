"""A single report on its way to its answer, for a caller that is called back and does not wait."""

from collections.abc import Callable, Sequence

from capacity.errors import StoreUnavailable
from capacity.services.questions import Question
from capacity.store.gathering import Argument

Result = Callable[[Question, Sequence[bytes]], bytes]


class Asking:
    """One call of a pipeline. `then` is called once, when `answer` can tell or `is_refused` says why it cannot.

    `then` must not raise; see `Call`.
    """

    __slots__ = ("_cause", "_question", "_reply", "_result", "_then", "command", "is_refused")

    def __init__(
        self, command: tuple[Argument, ...], question: Question, result: Result, then: "Callable[[Asking], None]"
    ) -> None:
        self.command = command
        self.is_refused = False
        """Whether the store refused the call as such, for instance because it has lost our functions."""
        self._question = question
        self._result = result
        self._then = then
        self._reply: Sequence[bytes] | None = None
        self._cause: BaseException | None = None

    @property
    def is_noted(self) -> bool:
        """Whether the store had something to remark, so that the answer may go to the log as well."""
        return self._reply is not None and self._reply[-1] != b""

    def answer(self) -> bytes:
        """The answer to the whole request as JSON bytes; ask for it once, it counts the report's outcome.

        Raises:
            StoreUnavailable: no reply came and the report may or may not have been taken, or it could not be.
        """
        if self._reply is None:
            raise StoreUnavailable from self._cause
        return b'{"results":[%b]}' % self._result(self._question, self._reply)

    def deliver(self, reply: Sequence[bytes]) -> None:
        """The store decided."""
        self._reply = reply
        self._then(self)

    def refuse(self, refusal: Exception) -> None:
        """The store did not know what to do; nothing was taken."""
        self.is_refused = True
        self._cause = refusal
        self._then(self)

    def fail(self, cause: BaseException | None) -> None:
        """No reply came."""
        self._cause = cause
        self._then(self)
