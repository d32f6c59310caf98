"""Long answers are packed for who reads that, and the secret ones never."""

import gzip

import httpx2
import pytest

from tests.serving import app_on, in_one_task
from tests.world import site

GZIP, PLAIN = {"accept-encoding": "gzip"}, {"accept-encoding": "identity"}
SITES = [site(f"halte-{number}", f"halte-{number}.women", f"halte-{number}.men") for number in range(20)]


async def raw(client, address, headers):
    """An answer with its body as it came over the line."""
    async with client.stream("GET", address, headers=headers) as answer:
        body = b"".join([piece async for piece in answer.aiter_raw()])
    return answer, body


@pytest.mark.parametrize("path", ["sites", "board", "availability?women=1&limit=100"])
async def test_a_long_answer_is_packed_and_says_the_same(world, path):
    for one in SITES:
        await world.put(one)
    address = f"/v1/territories/{world.name}/{path}"
    async with in_one_task(app_on(world)) as app:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://board.test") as client:
            zipped, packed_body = await raw(client, address, GZIP)
            plain, body = await raw(client, address, PLAIN)
            refused, _ = await raw(client, address, {"accept-encoding": "gzip;q=0, identity"})
    assert "Accept-Encoding" in plain.headers["vary"]
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.headers["vary"] == plain.headers["vary"]
    assert len(packed_body) < len(body) / 3
    if path == "sites":
        assert gzip.decompress(packed_body) == body


async def test_the_tag_of_a_packed_answer_is_known_again(world):
    for one in SITES:
        await world.put(one)
    address = f"/v1/territories/{world.name}/sites"
    async with in_one_task(app_on(world)) as app:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://board.test") as client:
            zipped = await client.get(address, headers=GZIP)
            assert zipped.headers["etag"].startswith("W/")
            again = await client.get(address, headers={**GZIP, "if-none-match": zipped.headers["etag"]})
            assert again.status_code == 304


async def test_who_one_is_is_never_packed(world):
    async with in_one_task(app_on(world)) as app:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://board.test") as client:
            answer = await client.get("/v1/session", headers=GZIP)
            assert "content-encoding" not in answer.headers
