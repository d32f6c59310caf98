"""Where the files beside the code lie: in a checkout at its root, in a wheel inside the package."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def beside(name: str) -> Path:
    """The file or folder of this name, in the package if it was installed there, else at the root."""
    inside = PACKAGE / name
    return inside if inside.exists() else PACKAGE.parent / name


SQL = beside("sql")
PROCFILE = beside("Procfile")
STATIC = PACKAGE / "static"
