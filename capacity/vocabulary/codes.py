"""Codes that are said aloud: at the door for a hold, on the phone for a caller.

A letter, a digit, a letter, a digit: nobody reads 0 for O or 1 for I, and of the letters that sound alike in French
(b c d g p t v, m n, f s, a k) one stays.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

LETTERS: Final = "FHJKLMPQRWXYZ"
DIGITS: Final = "23456789"
CODE_PATTERN: Final = f"^(?:[{LETTERS}][{DIGITS}]){{2,3}}$"

Pick = Callable[[str], str]
"""Picks one sign of a text at random."""

_BYTES_AT_ONCE = 1_024

_code = re.compile(CODE_PATTERN)


def new_code(pick: Pick, pairs: int = 2) -> str:
    """A code of so many letters, each with a digit behind it: 10,816 of two pairs, a million of three."""
    return "".join(pick(LETTERS) + pick(DIGITS) for _ in range(pairs))


def picking(random_bytes: Callable[[int], bytes]) -> Pick:
    """Picks from random bytes, many of which are asked for at once: `secrets.choice` calls the system for each sign.

    Some signs come a little more often than others (20 of 256 bytes instead of 19): a code tells holds apart at a
    door, and is no key.
    """
    waiting: Iterator[int] = iter(())

    def pick(signs: str) -> str:
        nonlocal waiting
        number = next(waiting, None)
        if number is None:
            waiting = iter(random_bytes(_BYTES_AT_ONCE))
            number = next(waiting)
        return signs[number % len(signs)]

    return pick


def is_code(text: str) -> bool:
    """Whether `text` could be a code of two or three pairs, in capitals."""
    return _code.fullmatch(text) is not None
