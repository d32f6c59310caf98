"""How a household is known within one night and never after it: by a key that only the salt of the night can make.

The caller keeps a code, we keep neither the code nor a name: HMAC-SHA256 of the code, keyed by 32 random bytes that are
forgotten hours after the night. Law 9.
"""

import hmac
from collections.abc import Iterator

from capacity.vocabulary.codes import Pick, new_code

KEY_SIGNS = 16
_SHORT_CODES, _LONG_CODES = 12, 4


def household_key(salt: bytes, territory: str, contact: str) -> str:
    """The opaque key of whoever was told this code: 16 hexadecimal signs."""
    return _digest(salt, f"household {territory} {contact}").hex()[:KEY_SIGNS]


def contacts_of(salt: bytes, request_id: str) -> Iterator[str]:
    """Codes to choose from for a household that has none, the same ones whenever this request is sent again.

    Short ones first; where all of those are another household's already, a long one.
    """
    for n in range(_SHORT_CODES + _LONG_CODES):
        yield new_code(_picking_by(_digest(salt, f"contact {request_id} {n}")), 2 if n < _SHORT_CODES else 3)


def _picking_by(digest: bytes) -> Pick:
    """Picks one sign a byte."""
    left = iter(digest)
    return lambda signs: signs[next(left) % len(signs)]


def _digest(salt: bytes, text: str) -> bytes:
    return hmac.digest(salt, text.encode(), "sha256")
