"""One-time codes of an app, and the recovery codes for whoever has lost it. Source: RFC 6238, RFC 4226."""

import hashlib
import hmac
from base64 import b32decode, b32encode
from urllib.parse import quote, urlencode

SECRET_BYTES = 20
STEP_SECONDS = 30
DIGITS = 6
STEPS_APART = 1
"""How many steps a phone's clock may be off, either way."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""80 bits: one SHA-256 is enough to keep a code by."""


def step_at(now_ms: float) -> int:
    """The number of the 30 seconds in which a moment lies."""
    return int(now_ms // 1000) // STEP_SECONDS


def code_of(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of these 30 seconds; `secret` is Base32 as in the app."""
    digest = hmac.digest(b32decode(secret), step.to_bytes(8), "sha1")
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4]) & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}}"


def step_of(secret: str, code: str, now_ms: float) -> int | None:
    """The step whose code this is, of those about now; None when it is none of them."""
    now = step_at(now_ms)
    steps = range(now - STEPS_APART, now + STEPS_APART + 1)
    return next((step for step in steps if hmac.compare_digest(code_of(secret, step), code)), None)


def secret_of(random_bytes: bytes) -> str:
    """Random bytes as the app takes them."""
    return b32encode(random_bytes).decode()


def uri_of(secret: str, email: str, issuer: str) -> str:
    """What the QR code says to the app."""
    said = urlencode({"secret": secret, "issuer": issuer, "digits": DIGITS, "period": STEP_SECONDS}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(email)}?{said}"


def is_totp(code: str) -> bool:
    """Whether this is a code of the app, rather than a recovery code."""
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def recovery_code(random_bytes: bytes) -> str:
    """A recovery code as it is shown: four times four signs, without 0, 1, 8 and 9."""
    signs = b32encode(random_bytes).decode()
    return "-".join(signs[at : at + 4] for at in range(0, len(signs), 4))


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code, however it is written."""
    plain = "".join(sign for sign in code.upper() if sign not in "- ")
    return hashlib.sha256(plain.encode()).hexdigest()
