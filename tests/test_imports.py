"""Imports go down only: what lies on a floor may use its own floor and those below. See docs/decisions."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import capacity

PACKAGE = Path(capacity.__file__).parent

FLOORS = {
    "capacity": 0,
    "capacity.errors": 0,
    "capacity.vocabulary": 0,
    "capacity.board": 1,
    "capacity.wire": 2,
    "capacity.store": 3,
    "capacity.services": 4,
    "capacity.web": 5,
    "capacity.processes": 5,
    "capacity.commands": 5,
    "capacity.demo": 5,
    "capacity.cli": 6,
    "capacity.__main__": 6,
}
# What the pure floors may not know: nothing there reads, writes or waits.
PURE = ("capacity.vocabulary", "capacity.board")
OUTSIDE_WORLD = {"asyncio", "asyncpg", "httpx2", "redis", "socket", "starlette", "structlog", "uvicorn"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor_of(module: str) -> int:
    """The floor of the part of the package that the module lies in; a name in `capacity` itself is below all."""
    part = ".".join(module.split(".")[:2])
    is_part = (PACKAGE / part.rpartition(".")[2]).is_dir() or (PACKAGE / f"{part.rpartition('.')[2]}.py").is_file()
    assert part in FLOORS or not is_part, f"{part} has no floor: give it one above"
    return FLOORS.get(part, 0)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_imports_from_its_floor_and_below(path: Path):
    ours = floor_of(name_of(path))
    above = [name for name in imports_of(path) if name.startswith("capacity.") and floor_of(name) > ours]
    assert not above, f"{name_of(path)} (floor {ours}) imports {above}"


@pytest.mark.parametrize("path", [path for path in modules() if name_of(path).startswith(PURE)], ids=name_of)
def test_the_pure_floors_know_nothing_of_the_outside_world(path: Path):
    assert not {name.partition(".")[0] for name in imports_of(path)} & OUTSIDE_WORLD


def test_a_part_without_a_floor_is_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(FLOORS, "capacity.store")
    with pytest.raises(AssertionError, match=r"capacity\.store has no floor"):
        floor_of("capacity.store.live")
