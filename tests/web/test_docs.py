"""The document of the API and its page."""

import re

import pytest
from starlette.routing import Route

from capacity.web.docs import ASSETS, TYPES
from tests.serving import app_on, in_one_task
from tests.web_fixtures import is_problem


async def test_every_address_of_the_api_is_in_the_document(client, world):
    paths = (await client.get("/openapi.json")).json()["paths"]
    told = {(path, method.upper()) for path, operations in paths.items() for method in operations}
    async with in_one_task(app_on(world)) as app:
        known = {
            (route.path, method)
            for route in app._app.routes
            if isinstance(route, Route) and (route.path.startswith("/v1") or route.path in ("/healthz", "/readyz"))
            for method in (route.methods or set()) - {"HEAD"}
        }
    assert told == known


async def test_every_operation_tells_its_problems_as_problems(client):
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        for method, told in operations.items():
            assert told["operationId"]
            assert told["summary"]
            refusals = {status: answer for status, answer in told["responses"].items() if status >= "400"}
            assert "500" in refusals, (path, method)
            for status, answer in refusals.items():
                is_of_the_protocol = (told["operationId"], status) == ("device_token", "400")  # RFC 8628 says how
                kind = "application/json" if is_of_the_protocol else "application/problem+json"
                assert set(answer["content"]) == {kind}, (path, status)
            if "requestBody" in told:
                assert {"413", "415", "422"} <= set(refusals)


async def test_the_page_loads_nothing_from_elsewhere(client):
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "https:" not in page.text
    assert "unsafe-inline" not in re.search(r"script-src[^;]*", page.headers["content-security-policy"])[0]
    for address in re.findall(r'(?:src|href)="(/docs/[^"]+)"', page.text):
        answer = await client.get(address)
        assert answer.status_code == (200 if (ASSETS / "NOTICE").exists() else answer.status_code)
    assert is_problem(await client.get("/docs/NOTICE"), 404, "not-found")


@pytest.mark.skipif(not (ASSETS / "NOTICE").exists(), reason="the screens were not built")
async def test_a_file_of_the_page_is_the_same_with_and_without_gzip(client):
    for name, media_type in TYPES.items():
        plain = await client.get(f"/docs/{name}", headers={"accept-encoding": "identity"})
        packed = await client.get(f"/docs/{name}")
        assert plain.content == packed.content
        assert (plain.headers.get("content-encoding"), packed.headers["content-encoding"]) == (None, "gzip")
        assert plain.headers["content-type"].startswith(media_type)
