"""What is noted of what people, devices and systems do: the closed list. Source: wire.md, Audit."""

from enum import StrEnum


class Act(StrEnum):
    """One kind of line in the audit. What it was done to is told by an id beside it."""

    SITE_PUT = "site_put"
    SITE_CLOSED = "site_closed"
    TERRITORY_PUBLIC = "territory_public"
    """From now on everybody may read the numbers of its public sites."""
    TERRITORY_PRIVATE = "territory_private"

    PERSON_ADDED = "person_added"
    PERSON_CHANGED = "person_changed"
    PERSON_REMOVED = "person_removed"
    LINK_MADE = "link_made"
    """A link that signs a person in, once."""

    DEVICE_APPROVED = "device_approved"
    DEVICE_DENIED = "device_denied"
    DEVICE_REVOKED = "device_revoked"
    TOKEN_MADE = "token_made"  # noqa: S105 a word for what was done, no secret

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    """One session of a person, ended from another one."""
    PASSWORD_SET = "password_set"  # noqa: S105
    SECOND_FACTOR_SET = "second_factor_set"
    SECOND_FACTOR_REMOVED = "second_factor_removed"

    PROTECTED_READ = "protected_read"
    ADDRESS_GIVEN = "address_given"
    """The address of a protected site, to the team whose hold was accepted."""
    HOLD_ACCEPTED = "hold_accepted"
