"""Requests for holds, as an operator's console sends them."""

from collections.abc import Iterator
from itertools import count
from secrets import token_hex

from benchmarks.load import JSON, head

GRANTED = b'"state":"active"'
PARTIES = ('{"women":1,"men":0,"children":1}', '{"women":1,"men":0,"children":0}', '{"women":2,"men":0,"children":3}')


def asks(places: list[tuple[str, str]], token: str) -> Iterator[bytes]:
    """Whole HTTP requests without end, each for one place of the next pool, with ids never used before.

    `places` are territories with their pools. One request in ten is for two pools.
    """
    series = token_hex(4)
    heads: dict[str, str] = {}
    for n in count():
        territory, pool = places[n % len(places)]
        lines = f'{{"pool":"{pool}","places":1}}'
        if n % 10 == 0:
            other = next(name for where, name in places if where == territory and name != pool)
            lines += f',{{"pool":"{other}","places":2}}'
        body = f'{{"id":"{series}-0000-7000-8000-{n:012x}","lines":[{lines}],"minutes":45,"party":{PARTIES[n % 3]}}}'
        opening = heads.get(territory) or heads.setdefault(
            territory, head("POST", f"/v1/territories/{territory}/holds", token, **JSON)
        )
        yield f"{opening}Content-Length: {len(body)}\r\n\r\n{body}".encode()
