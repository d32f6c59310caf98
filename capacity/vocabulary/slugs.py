"""The shapes of names: territories, sites and pools are short slugs, commands carry UUIDs."""

import re
from unicodedata import combining, normalize

TERRITORY_PATTERN = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
SITE_PATTERN = TERRITORY_PATTERN
POOL_PATTERN = r"^[a-z0-9]+(?:[-.][a-z0-9]+)*$"
COMMAND_PATTERN = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"

TERRITORY_SIGNS = 40
SITE_SIGNS = 80
POOL_SIGNS = 120

_territory = re.compile(TERRITORY_PATTERN)
_site = re.compile(SITE_PATTERN)
_pool = re.compile(POOL_PATTERN)
_command = re.compile(COMMAND_PATTERN)


def is_territory(text: str) -> bool:
    """Whether `text` could name a territory; says nothing of whether one exists."""
    return len(text) <= TERRITORY_SIGNS and _territory.fullmatch(text) is not None


def slug_of(name: str) -> str:
    """A name as part of an id: lower case, no accents, a dash for whatever is neither letter nor digit."""
    letters = normalize("NFKD", name.lower().replace("œ", "oe").replace("æ", "ae"))
    without_accents = "".join(sign for sign in letters if not combining(sign))
    return "-".join(re.findall(r"[a-z0-9]+", without_accents))


def is_site(text: str) -> bool:
    """Whether `text` could name a site."""
    return len(text) <= SITE_SIGNS and _site.fullmatch(text) is not None


def is_pool(text: str) -> bool:
    """Whether `text` could name a pool."""
    return len(text) <= POOL_SIGNS and _pool.fullmatch(text) is not None


def is_command(text: str) -> bool:
    """Whether `text` could be the id of a command."""
    return _command.fullmatch(text) is not None
