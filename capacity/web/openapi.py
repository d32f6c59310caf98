"""The document of the API, OpenAPI 3.1, made by SpecTree from what `operation` kept of each address."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from spectree import Response, SpecTree
from spectree.plugins.starlette_plugin import StarlettePlugin
from starlette.routing import BaseRoute, Route, compile_path

from capacity import __version__
from capacity.board.access import RULES, WHILE_IN_NEED, Action, who_may
from capacity.vocabulary.codes import USER_CODE_PATTERN
from capacity.vocabulary.slugs import (
    COMMAND_PATTERN,
    POOL_PATTERN,
    POOL_SIGNS,
    SITE_PATTERN,
    SITE_SIGNS,
    TERRITORY_PATTERN,
    TERRITORY_SIGNS,
)
from capacity.web.operations import Operation, operation_of
from capacity.web.problems import CONTENT_TYPE
from capacity.web.service import TAG as SERVICE
from capacity.wire.problems import (
    INTERNAL,
    NOT_ALLOWED,
    NOT_SIGNED_IN,
    OVERLOADED,
    SECOND_FACTOR_NEEDED,
    Problem,
    ProblemType,
)

PATH_PARAMETERS: Mapping[str, dict[str, Any]] = {
    "territory": {"pattern": TERRITORY_PATTERN, "maxLength": TERRITORY_SIGNS, "examples": ["75"]},
    "site": {"pattern": SITE_PATTERN, "maxLength": SITE_SIGNS, "examples": ["halte-hotel-de-ville"]},
    "hold": {"pattern": COMMAND_PATTERN, "maxLength": 36, "examples": ["019ab1e0-5a3e-7b21-9c3d-2e3f4a5b6c7d"]},
    "request": {"pattern": COMMAND_PATTERN, "maxLength": 36, "examples": ["019ab1e0-5a43-7076-8182-7d8e9fa0b1c2"]},
    "person": {"pattern": COMMAND_PATTERN, "maxLength": 36, "examples": ["0b9f7c1e-6f0e-4c1b-9a55-1f0c5d6e7a80"]},
    "session": {"pattern": COMMAND_PATTERN, "maxLength": 36, "examples": ["5a1d7a52-3c4b-4b7e-8a90-2f1e0d9c8b7a"]},
    "provider": {"pattern": TERRITORY_PATTERN, "maxLength": TERRITORY_SIGNS, "examples": ["proconnect"]},
    "device": {"pattern": COMMAND_PATTERN, "maxLength": 36, "examples": ["0c9a4a54-37f0-4a3e-8f0e-5d6f3c1b2a90"]},
    "user_code": {"pattern": USER_CODE_PATTERN, "maxLength": 9, "examples": ["K7F2-R9M4"]},
    "pool": {"pattern": POOL_PATTERN, "maxLength": POOL_SIGNS, "examples": ["halte-hotel-de-ville.women"]},
}
DESCRIPTION = """The live board of free places in shelters, haltes and day centres.

Errors are `application/problem+json` (RFC 9457) with a stable `type`. Times are RFC 3339 in UTC. Every answer carries
`X-Request-ID`; send one of your own (letters, digits, `.`, `_`, `-`, at most 64) to find it in the log.
"""
_HEADERS = {
    "ETag": "changes with what is answered; send it back as `If-None-Match`",
    "Location": "the address of what was created",
    "Retry-After": "seconds after which to try again",
    "Set-Cookie": "the same token for a browser, which keeps it where no script can read it",
}


class _Found(NamedTuple):
    path: str
    methods: set[str]
    func: Callable[..., Any]


def document(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """The document of those routes that are operations."""
    spec = SpecTree(
        backend=_Described,
        naming_strategy=lambda model: model.__name__,
        nested_naming_strategy=lambda _parent, child: child,
        validation_error_model=Problem,
        annotations=False,
        title="capacity",
        version=__version__,
        description=DESCRIPTION,
        license={"name": "AGPL-3.0-or-later", "url": "https://www.gnu.org/licenses/agpl-3.0.html"},
    )
    found = [
        _Found(route.path, route.methods or set(), _described(spec, kept))
        for route in routes
        if isinstance(route, Route) and (kept := operation_of(route.endpoint))
    ]
    spec.register(found)
    whole: dict[str, Any] = spec.spec
    _tidy(whole)
    for route in routes:
        if isinstance(route, Route) and (kept := operation_of(route.endpoint)):
            for method in (route.methods or set()) - {"HEAD"}:
                _complete(whole["paths"][route.path][method.lower()], kept)
    return whole


def _complete(told: dict[str, Any], kept: Operation) -> None:
    """Add what SpecTree has no place for: the example of a body, and who may, from the one table of access."""
    if kept.example is not None:
        told["requestBody"]["content"]["application/json"]["example"] = kept.example
    told["x-access"] = {role.value: scope.value for role, scope in RULES[kept.action].items()}
    told["description"] = f"{told.get('description', '')}\n\n{who_may(kept.action)}".strip()


def _tidy(whole: dict[str, Any]) -> None:
    """Leave out what SpecTree shows and nobody sends: a null as the default of a parameter, the queries as schemas."""
    for operations in whole["paths"].values():
        for told in operations.values():
            for parameter in told["parameters"]:
                if parameter["schema"].get("default", "") is None:
                    del parameter["schema"]["default"]
    for name in [name for name in whole["components"]["schemas"] if name.endswith("Query")]:
        del whole["components"]["schemas"][name]


def _described(spec: SpecTree, kept: Operation) -> Callable[..., Any]:
    decorate = spec.validate(
        json=kept.body,
        query=kept.query,
        resp=_Answers(kept),
        tags=(kept.tag,),
        operation_id=kept.handler.__name__.lstrip("_"),
        skip_validation=True,
    )
    described: Callable[..., Any] = decorate(kept.handler)
    return described


def _of_the_door(kept: Operation) -> tuple[ProblemType, ...]:
    if kept.action is Action.SIGN_IN:
        return ()
    if kept.action is Action.OPEN_TO_ALL:  # to all who say nothing: a credential that has ended is told so anywhere
        return (NOT_SIGNED_IN,)
    needed = () if kept.action in WHILE_IN_NEED else (SECOND_FACTOR_NEEDED,)
    return NOT_SIGNED_IN, NOT_ALLOWED, *needed


def _of_pressure(kept: Operation) -> tuple[ProblemType, ...]:
    """Whatever is asked may have to come later; only who watches the service is always told."""
    return () if kept.tag == SERVICE else (OVERLOADED,)


class _Described(StarlettePlugin):
    """Reads the list it is given instead of an application: no route of SpecTree's own, no bare ASGI endpoint lost."""

    def register_route(self, app: Any) -> None:
        """Add nothing."""

    def find_routes(self) -> Sequence[_Found]:
        """Those given."""
        found: Sequence[_Found] = self.spectree.app
        return found

    def parse_path(self, route: _Found, _descriptions: Any) -> tuple[str, list[dict[str, Any]]]:
        """The path with its parameters, each with the shape of its slug."""
        _, path, names = compile_path(route.path)
        return path, [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", **PATH_PARAMETERS[name]}}
            for name in names
        ]


class _Answers(Response):
    """Our answers: bodies as JSON, refusals as problems, grouped by status."""

    def __init__(self, kept: Operation) -> None:
        self._kept = kept
        super().__init__(**{f"HTTP_{status}": model for status, model in kept.answers.items() if model})

    def generate_spec(self, naming_strategy: Callable[[type], str] = lambda model: model.__name__) -> dict[str, Any]:
        """The responses object."""
        told: dict[str, Any] = {}
        for status, model in self._kept.answers.items():
            told[str(status)] = {"description": HTTPStatus(status).phrase}
            if model is not None:
                told[str(status)]["content"] = _content("application/json", naming_strategy(model))
            if names := self._kept.headers.get(status):
                told[str(status)]["headers"] = {name: _header(name) for name in names}
        for kind in (*self._kept.refusals, *_of_the_door(self._kept), *_of_pressure(self._kept), INTERNAL):
            answer = told.setdefault(str(kind.status), _refusal())
            answer["description"] = "; ".join(filter(None, (answer["description"], f"{kind.title} (`{kind.uri}`)")))
            answer["content"][CONTENT_TYPE]["examples"][kind.slug] = {"value": kind.body(f"{kind.title}.")}
            if kind.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
                answer["headers"] = {"Retry-After": _header("Retry-After")}
        return told


def _refusal() -> dict[str, Any]:
    content = _content(CONTENT_TYPE, Problem.__name__)
    content[CONTENT_TYPE]["examples"] = {}
    return {"description": "", "content": content}


def _content(media_type: str, model: str) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": f"#/components/schemas/{model}"}}}


def _header(name: str) -> dict[str, Any]:
    return {"description": _HEADERS[name], "schema": {"type": "integer" if name == "Retry-After" else "string"}}
