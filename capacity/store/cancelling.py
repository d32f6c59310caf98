"""Keeps a cancellation what it is when a connection breaks in the same moment."""

import asyncio


def raise_if_cancelled(broken: BaseException) -> None:
    """Raise CancelledError where this task is being cancelled and `broken` is only what came of it on the way out.

    A driver that tidies up a dead connection may raise its own error in the place of the cancellation. Whoever took
    that for a store that is away would go on for ever: a recorder without its lock, a process that does not end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError from broken
