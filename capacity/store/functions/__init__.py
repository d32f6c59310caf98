"""The function library `capacity`: one Lua source, joined from the files of this folder.

A store that several versions of this code share has one library at a time: the newest. See docs/upgrading.md.
"""

import re
from functools import cache
from importlib.resources import files

LIBRARY = "capacity"
VERSION = 1
"""Which library is the newer one. Each release whose functions differ from the last one's has a greater number."""
MISSING_FUNCTION = "Function not found"

_REGISTERED = re.compile(r"register_function(?:\(|\{function_name = )'([a-z0-9_]+)'")
_VERSION = """
-- library_v1: the version of this library. Reads only.
redis.register_function{function_name = 'library_v1', callback = function() return %d end, flags = {'no-writes'}}
"""


def source() -> str:
    """The library's whole source: its name, what the functions share, then each file, and its version."""
    return "\n".join([f"#!lua name={LIBRARY}", *_texts(), _VERSION % VERSION])


def names_in(library: str) -> frozenset[str]:
    """The functions that a library's source publishes."""
    return frozenset(_REGISTERED.findall(library))


@cache
def _texts() -> list[str]:
    folder = files(__name__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".lua"))
    return [(folder / name).read_text("utf-8") for name in names]
