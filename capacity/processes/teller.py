"""What `up` tells the person who started it: a spinner on a terminal, plain lines elsewhere."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status


class Teller:
    """A context while which progress is shown. Everything goes to standard output."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status = self._console.status("preparing")
            self._status.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _problem: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._end_status()

    def doing(self, what: str) -> None:
        """Say what is being done now."""
        if self._status:
            self._status.update(what)
        else:
            self.say(what)

    def counting(self, what: str, done: int, total: int) -> None:
        """Say how far something is: always on a terminal, else every quarter."""
        if self._status:
            self._status.update(f"{what} {done}/{total}")
        elif done * 4 // total > (done - 1) * 4 // total:
            self.say(f"{what} {done}/{total}")

    def say(self, line: str) -> None:
        """Print one line that stays."""
        self._console.print(line, markup=False)
        self._console.file.flush()

    def ready(self, line: str) -> None:
        """Print the line that others wait for, after which nothing moves any more."""
        self._end_status()
        self.say(line)

    def _end_status(self) -> None:
        if self._status:
            self._status.stop()
            self._status = None
