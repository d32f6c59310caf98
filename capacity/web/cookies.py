"""The cookie that lets a browser in: no script reads it, no other site's page sends it along."""

from capacity.web.access import COOKIE

DEVICE_SECONDS = 400 * 24 * 3600
"""The longest that browsers keep one; a device's token itself lasts until it is revoked."""


def cookie(secret: str, seconds: int) -> str:
    """A `Set-Cookie` that keeps a secret for so long."""
    return f"{COOKIE}={secret}; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age={seconds}"
