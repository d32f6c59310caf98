"""Bodies of requests: read with a limit and a deadline while they stream, then parsed strictly as JSON."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.types import Receive, Scope

from capacity.errors import BodyTooLarge, BodyTooSlow, InvalidBody, NotJson
from capacity.wire.parsing import problem_errors

Model = TypeVar("Model", bound=BaseModel)

MOST_BYTES = 1 << 20
MOST_BYTES_DROPPED = 16 << 20
DEADLINE_SECONDS = 20.0
DROPPING_SECONDS = 5.0
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 20
WHOLE = "capacity.whole"
"""The ASGI extension by which our server tells that all of a body has arrived: no deadline is needed to read it."""


async def read_json(scope: Scope, receive: Receive) -> bytes:
    """The whole body of a request that says it carries JSON, or does not say what it carries.

    Raises:
        NotJson, BodyTooLarge, BodyTooSlow
    """
    for name, value in scope["headers"]:
        if name == b"content-type":
            _check_type(value)
    return await read_body(scope, receive)


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body of a request, whatever it carries.

    Raises:
        NotJson: it is compressed.
        BodyTooLarge, BodyTooSlow
    """
    for name, value in scope["headers"]:
        if name == b"content-encoding" and value.strip().lower() != b"identity":
            raise NotJson("The body must not be compressed; nothing was taken.")
    if WHOLE in scope.get("extensions", ()):
        return await _read(receive)
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await _read(receive)
    except TimeoutError:
        raise BodyTooSlow from None


async def _read(receive: Receive) -> bytes:
    body, more = await _next(receive)
    while more and len(body) <= MOST_BYTES:
        part, more = await _next(receive)
        body += part
    if len(body) > MOST_BYTES:
        await _drop(receive, more)
        raise BodyTooLarge
    return body


async def _next(receive: Receive) -> tuple[bytes, bool]:
    """The next part of the body, and whether there is more. A client that has left gets an answer it never reads."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise BodyTooSlow("The connection was lost before the body was whole; nothing was taken.")
    return message.get("body", b""), message.get("more_body", False)


async def _drop(receive: Receive, more: bool) -> None:
    """Let a client that is not absurd finish sending: cut off in the middle it would never read why."""
    dropped = 0
    try:
        async with asyncio.timeout(DROPPING_SECONDS):
            while more and dropped < MOST_BYTES_DROPPED:
                part, more = await _next(receive)
                dropped += len(part)
    except (TimeoutError, BodyTooSlow):
        return


def _check_type(value: bytes) -> None:
    media_type, *parameters = value.lower().replace(b" ", b"").split(b";")
    charsets = [parameter for parameter in parameters if parameter.startswith(b"charset=")]
    if media_type != b"application/json" or any(charset.strip(b'"') not in _UTF8 for charset in charsets):
        raise NotJson


_UTF8 = (b"charset=utf-8", b'charset="utf-8', b"charset=utf8")


def parse_object(body: bytes) -> dict[str, Any]:
    """A JSON object, strictly: UTF-8, no NaN, no absurd depth, no member named twice. Raises InvalidBody."""
    try:
        value = from_json(body, allow_inf_nan=False)
        json.loads(body, object_pairs_hook=_refuse_repeats)
    except (ValueError, RecursionError) as exc:
        raise InvalidBody([{"loc": [], "msg": f"not valid JSON: {exc}"}]) from exc
    if not isinstance(value, dict):
        raise InvalidBody([{"loc": [], "msg": "a JSON object is needed"}])
    return value


async def parsed(request: Request, model: type[Model]) -> Model:
    """The body of a request as a value. Raises InvalidBody, NotJson, BodyTooLarge, BodyTooSlow."""
    return validated(await read_json(request.scope, request.receive), model)


async def parsed_form(request: Request, model: type[Model]) -> Model:
    """The body of a request that is a form or JSON, for protocols that are older than JSON. Raises as `parsed`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return await parsed(request, model)
    return _of_shape(parse_form(await read_body(request.scope, request.receive)), model)


def validated(body: bytes, model: type[Model]) -> Model:
    """A body as a value. Raises InvalidBody."""
    return _of_shape(parse_object(body), model)


def parse_form(body: bytes) -> dict[str, str]:
    """The fields of a form, none twice. Raises InvalidBody."""
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS)
        return dict(_unrepeated(fields))
    except ValueError as exc:
        raise InvalidBody([{"loc": [], "msg": "not a form of a few fields, each named once"}]) from exc


def _of_shape(said: dict[str, Any], model: type[Model]) -> Model:
    try:
        return model.model_validate(said)
    except ValidationError as exc:
        raise InvalidBody(problem_errors(exc)) from exc


def _refuse_repeats(pairs: Iterable[tuple[str, Any]]) -> None:
    _unrepeated(pairs)


def _unrepeated(pairs: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise ValueError("a member is named twice")
        seen.add(name)
    return pairs
