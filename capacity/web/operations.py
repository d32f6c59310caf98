"""What an address does, said once: the annotations that parse a request are those that the document shows."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar, cast, get_type_hints

from pydantic import BaseModel, ValidationError
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from capacity.board.access import Action
from capacity.errors import InvalidQuery, UnknownPool, UnknownSite, UnknownTerritory
from capacity.vocabulary.slugs import is_pool, is_site, is_territory
from capacity.wire.problems import ProblemType

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Response | None]])
Query = TypeVar("Query", bound=BaseModel)
_KEPT = "operation"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the document of the API shows it. `answers` maps a status to its body's model, if any."""

    handler: Callable[..., Any]
    tag: str
    answers: dict[int, type[BaseModel] | None]
    refusals: Sequence[ProblemType]
    action: Action
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    example: Any = None
    headers: dict[int, tuple[str, ...]] = field(default_factory=dict)


def operation(
    tag: str,
    answers: dict[int, type[BaseModel] | None],
    *refusals: ProblemType,
    action: Action,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    example: Any = None,
    headers: dict[int, tuple[str, ...]] | None = None,
) -> Callable[[Handler], Handler]:
    """Make a handler an endpoint: its parameter `query`, if it has one, is parsed before it is called.

    The handler's docstring is the operation's summary and description. `query` here only describes what the
    handler parses by itself; `example` is one of a body. `action` is what the table of access is asked for.
    """

    def decorate(handler: Handler) -> Handler:
        parsed = get_type_hints(handler).get("query")
        endpoint: Any = handler if parsed is None else _with_query(handler, parsed)
        described = Operation(handler, tag, answers, refusals, action, body, parsed or query, example, headers or {})
        setattr(endpoint, _KEPT, described)
        return cast("Handler", endpoint)

    return decorate


def operation_of(endpoint: object) -> Operation | None:
    """What `operation` kept of an endpoint, None for one that the document does not show."""
    return getattr(endpoint, _KEPT, None)


def _with_query(handler: Callable[..., Awaitable[Response | None]], model: type[Query]) -> Any:
    @wraps(handler)
    async def endpoint(routes: Any, request: Request) -> Response | None:
        return await handler(routes, request, query=parse_query(model, request))

    return endpoint


def parse_query(model: type[Query], request: HTTPConnection) -> Query:
    """The query as a value; what the model does not name is left alone. Raises InvalidQuery."""
    given = request.query_params.multi_items()
    names = {known.alias or name for name, known in model.model_fields.items()}
    repeated = [name for name in names if sum(name == other for other, _ in given) > 1]
    if repeated:
        raise InvalidQuery([{"loc": [name], "msg": "given more than once"} for name in sorted(repeated)])
    try:
        return model.model_validate(dict(given))
    except ValidationError as exc:
        raise InvalidQuery(_told(exc)) from exc


def _told(error: ValidationError) -> list[dict[str, object]]:
    """What is wrong with which parameter. That it could also have been left out (the other branch) goes unsaid."""
    return [
        {"loc": [found["loc"][0]], "msg": found["msg"].removeprefix("Value error, ")}
        for found in error.errors(include_input=False, include_url=False, include_context=False)
        if found["type"] != "none_required"
    ]


def territory_of(request: HTTPConnection) -> str:
    """The territory of the address. Raises UnknownTerritory where it could not be one."""
    territory: str = request.path_params["territory"]
    if not is_territory(territory):
        raise UnknownTerritory
    return territory


def site_of(request: Request) -> str:
    """The site of the address. Raises UnknownSite where it could not be one."""
    site_id: str = request.path_params["site"]
    if not is_site(site_id):
        raise UnknownSite
    return site_id


def pool_of(request: Request) -> str:
    """The pool of the address. Raises UnknownPool where it could not be one."""
    pool_id: str = request.path_params["pool"]
    if not is_pool(pool_id):
        raise UnknownPool
    return pool_id
