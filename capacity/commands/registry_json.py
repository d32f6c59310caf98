"""The registry as JSON: the wire's `{"sites": [...]}`, or the bare list of sites."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from capacity.commands.tables import Flaw
from capacity.errors import FileRefused
from capacity.wire.registry import Site, Sites

_before_site = re.compile(r"[\s,]*")
_before_list = re.compile(r'\s*(?:\{\s*"sites"\s*:\s*)?\[')


def write_json(sites: Iterable[Site]) -> str:
    """The shape of `GET sites`, indented for people and for diffs."""
    shape = Sites(sites=list(sites)).model_dump(mode="json")
    return json.dumps(shape, ensure_ascii=False, indent=2) + "\n"


def read_json(text: str, file: str) -> list[Site]:
    """The sites in the order of the file.

    Raises:
        FileRefused: with every flaw, by the line on which its site begins.
    """
    try:
        json.loads(text)
    except json.JSONDecodeError as exc:
        raise FileRefused(Flaw(file, exc.lineno, "", f"this is not JSON: {exc.msg}")) from exc
    except RecursionError as exc:
        raise FileRefused(Flaw(file, 0, "", "this is nested too deeply")) from exc
    sites: list[Site] = []
    flaws: list[Flaw] = []
    first_line: dict[str, int] = {}
    for line, value in _elements(text, file):
        try:
            site = Site.model_validate_json(json.dumps(value))
        except ValidationError as exc:
            flaws += [_flaw(file, line, error) for error in exc.errors(include_url=False)]
            continue
        for name in (f"the site {site.id}", *(f"the pool {pool.id}" for pool in site.pools)):
            if name in first_line:
                flaws.append(Flaw(file, line, "", f"{name} stands on line {first_line[name]} already"))
            first_line.setdefault(name, line)
        sites.append(site)
    if flaws:
        raise FileRefused(*flaws)
    return sites


def _elements(text: str, file: str) -> Iterator[tuple[int, Any]]:
    """Each element of the list of sites, with the line on which it begins. `text` is known to be JSON."""
    opening = _before_list.match(text)
    if not opening:
        raise FileRefused(Flaw(file, 1, "", 'this is neither {"sites": [...]} nor a list of sites'))
    decoder = json.JSONDecoder()
    position, line = opening.end(), 1
    counted = 0
    while True:
        gap = _before_site.match(text, position)
        position = gap.end() if gap else position
        if text[position] == "]":
            return
        line += text.count("\n", counted, position)
        counted = position
        value, position = decoder.raw_decode(text, position)
        yield line, value


def _flaw(file: str, line: int, error: Any) -> Flaw:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"])
    return Flaw(file, line, place.lstrip("."), error["msg"])
