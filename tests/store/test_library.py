"""Of several versions of the function library on one live store the newest stays, whoever starts last."""

import re
from functools import partial

import pytest
from redis.asyncio import Redis

from capacity.errors import FunctionsTooNew, StoreUnavailable
from capacity.store import functions, library
from capacity.store.live import LiveStore

GUARD = library.GUARD + "{0}"


@pytest.fixture
def valkey_url(valkey_of_its_own):
    return valkey_of_its_own()[0].url


@pytest.fixture
async def client(valkey_url):
    async with Redis.from_url(valkey_url) as client:
        yield client


@pytest.fixture
def as_version(monkeypatch):
    """Makes this code that of a version, with some of its functions left out."""
    whole = functions.source

    def be(version, *without):
        def source():
            text = whole()
            for name in without:
                text = re.sub(rf"redis\.register_function\('{name}', \w+\)", "", text)
            return text

        monkeypatch.setattr(functions, "VERSION", version)
        monkeypatch.setattr(functions, "source", source)

    return be


async def test_a_newer_library_takes_the_place_of_an_older_one(client, as_version):
    for version in (1, 2, 2, 5):
        as_version(version)
        await library.load(client, GUARD)
        assert await library.version_of(client) == version


async def test_a_library_from_before_there_were_versions_is_older(client, as_version):
    await client.function_load(f"#!lua name={functions.LIBRARY}\nredis.register_function('f', function() end)")
    assert await library.version_of(client) == 0
    await library.load(client, GUARD)
    assert await library.version_of(client) == functions.VERSION


async def test_an_older_process_runs_with_the_newer_functions(client, as_version):
    as_version(5)
    await library.load(client, GUARD)
    as_version(4, "hold_accept_v1")
    await library.load(client, GUARD)
    assert not await library.load_if_older(client, GUARD)
    assert await library.version_of(client) == 5


async def test_an_older_process_that_the_newer_functions_do_not_serve_does_not_start(client, as_version):
    as_version(5, "hold_accept_v1", "report_v1")
    await library.load(client, GUARD)
    as_version(4)
    with pytest.raises(FunctionsTooNew, match="lack hold_accept_v1, report_v1: install that version here too"):
        await library.load(client, GUARD)
    assert await library.version_of(client) == 5


async def test_an_older_process_that_looked_first_and_loads_last_replaces_nothing(client, as_version, monkeypatch):
    as_version(4)
    decide, looked = library._replace, []

    async def slowly(pipeline, *, guard_key):
        await decide(pipeline, guard_key=guard_key)
        looked.append(pipeline)
        if len(looked) == 1:
            as_version(5)
            await client.transaction(partial(decide, guard_key=guard_key), guard_key)
            as_version(4)

    monkeypatch.setattr(library, "_replace", slowly)
    await library.load(client, GUARD)
    assert await library.version_of(client) == 5
    assert len(looked) == 2


async def test_what_replaced_our_functions_by_older_ones_is_mended(valkey_url, client):
    async with LiveStore.open(valkey_url) as live:
        await live.prepare()
        assert not await live.keep_functions()
        await client.function_load(
            f"#!lua name={functions.LIBRARY}\nredis.register_function('f', function() end)", True
        )
        assert await live.keep_functions()
        assert await library.version_of(client) == functions.VERSION


async def test_who_is_no_longer_served_in_the_middle_of_its_work_tells_to_come_again(valkey_url, client, as_version):
    as_version(5, "report_v1")
    await library.load(client, GUARD)
    as_version(4)
    async with LiveStore.open(valkey_url) as live:
        with pytest.raises(StoreUnavailable, match="report_v1"):
            await live.call("report_v1", (), ())
