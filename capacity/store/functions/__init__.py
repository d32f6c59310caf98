"""The function library `capacity`: one Lua source, joined from the files of this folder."""

from importlib.resources import files

LIBRARY = "capacity"
MISSING_FUNCTION = "Function not found"


def source() -> str:
    """The library's whole source: its name, what the functions share, then each file."""
    folder = files(__name__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".lua"))
    return "\n".join([f"#!lua name={LIBRARY}", *((folder / name).read_text("utf-8") for name in names)])
