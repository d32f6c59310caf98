"""The named queries of `sql/queries/*.sql`: Python builds no statements."""

import re
from importlib.resources import files
from pathlib import Path

_NAME = re.compile(r"^-- (\w+) --\n", re.MULTILINE)


def sql_folder() -> Path:
    """Where the SQL lives: inside the installed package, or beside it in a checkout."""
    packaged = Path(str(files("capacity"))) / "sql"
    return packaged if packaged.is_dir() else packaged.parent.parent / "sql"


def load(name: str) -> dict[str, str]:
    """The queries of one file by their names, as the file has them."""
    return named((sql_folder() / "queries" / f"{name}.sql").read_text("utf-8"))


def named(text: str) -> dict[str, str]:
    """The queries of a text by the names that stand above them."""
    _, *parts = _NAME.split(text)
    return dict(zip(parts[::2], parts[1::2], strict=True))
