"""Who may be somebody here. Source: the table of `capacity.board.access`, which says what each may do."""

from enum import StrEnum


class Role(StrEnum):
    """What a person, a device or a token is for a territory."""

    ADMIN = "admin"
    OPERATOR = "operator"
    MARAUDE = "maraude"
    STAFF = "staff"
    WALL = "wall"
    INTEGRATION = "integration"
    PUBLIC = "public"
    """Whoever brings no credential."""


SITE_ROLES = frozenset({Role.STAFF, Role.INTEGRATION})
"""The roles that are for named sites only."""
