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

USER_CODE_PATTERN: Final = f"^(?:[{LETTERS}][{DIGITS}]){{2}}-(?:[{LETTERS}][{DIGITS}]){{2}}$"
"""The code that a screen shows to be let in, as RFC 8628 calls it; 117 million of them."""
_USER_CODE_PAIRS = 4
_MOST_TYPED = 24

_BYTES_AT_ONCE = 1_024

_code = re.compile(CODE_PATTERN)
_user_code = re.compile(USER_CODE_PATTERN)


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


def new_user_code(pick: Pick) -> str:
    """A code for a screen to show: `K7F2-R9M4`."""
    code = new_code(pick, _USER_CODE_PAIRS)
    return f"{code[:4]}-{code[4:]}"


def user_code_of(typed: str) -> str | None:
    """The code of a screen that somebody typed in letters of any size, with any dashes and spaces; None if it is none.

    Nothing else is mended: of two signs that look alike none is ever in a code.
    """
    signs = re.sub(r"[ .-]", "", typed[:_MOST_TYPED]).upper()
    code = f"{signs[:4]}-{signs[4:]}"
    return code if len(typed) <= _MOST_TYPED and _user_code.fullmatch(code) else None
