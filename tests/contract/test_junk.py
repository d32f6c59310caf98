"""Junk of every kind is refused with a problem: no input is a fault of ours."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import site

EXAMPLES = 150
ADDRESSES = [
    ("GET", "/v1/territories/{}/board"),
    ("GET", "/v1/territories/{}/availability"),
    ("GET", "/v1/territories/{}/sites"),
    ("GET", "/v1/territories/{}/sites/{}"),
    ("PUT", "/v1/territories/{}/sites/{}"),
    ("DELETE", "/v1/territories/{}/sites/{}"),
    ("POST", "/v1/territories/{}/reports"),
    ("GET", "/v1/territories/{}/ledger"),
    ("GET", "/v1/territories/{}/pools/{}/history"),
    ("GET", "/v1/territories/{}/requests"),
    ("POST", "/v1/territories/{}/requests"),
    ("POST", "/v1/territories/{}/requests/{}/outcome"),
    ("GET", "/halte/{}"),
    ("GET", "/docs/{}"),
    ("GET", "/assets/{}"),
    ("GET", "/{}"),
]
NAMES = ["since", "epoch", "from", "to", "step", "after", "limit", "night", "men", "near", "channel", "pets"]

bytes_of_an_address = st.binary(max_size=60).map(lambda raw: quote(raw, safe="%"))
numbers = st.integers() | st.floats()
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
reports = st.fixed_dictionaries(
    {},
    optional={
        "id": st.uuids().map(str) | values,
        "type": st.sampled_from(["count", "movement", "confirmation", "inventory", "status"]) | values,
        "pool": st.just("halte.women") | values,
        "observed_at": st.datetimes().map(lambda moment: moment.isoformat() + "Z") | values,
        **dict.fromkeys(("occupied", "delta", "seq", "capacity", "extra", "status", "until", "reason"), values),
    },
)
envelopes = st.fixed_dictionaries(
    {"reports": st.lists(reports, max_size=3) | values},
    optional={"sent_at": st.datetimes().map(lambda moment: moment.isoformat() + "+23:59") | values},
)
requests = st.fixed_dictionaries(
    {"id": st.uuids().map(str)},
    optional={
        "party": st.dictionaries(st.sampled_from(["women", "men", "children"]), numbers) | values,
        "outcome": st.sampled_from(["oriented", "unmet"]) | values,
        **dict.fromkeys(("needs", "channel", "area", "contact", "hold", "reason"), values),
    },
)
bodies = st.binary(max_size=200) | (envelopes | requests | values).map(lambda value: json.dumps(value).encode())
names = st.none() | st.lists(bytes_of_an_address, min_size=2, max_size=2)
queries = st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30) | numbers.map(str), max_size=4)


@pytest.fixture
async def world(world):
    await world.put(site("halte", "halte.women"))
    return world


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(address=st.sampled_from(ADDRESSES), names=names, query=queries, body=bodies)
async def test_no_input_is_a_fault_of_ours(client, world, address, names, query, body):
    method, path = address
    known = [world.name, "halte"] if names is None else names
    content = {"content": body} if method in ("PUT", "POST") else {}
    answer = await client.request(method, path.format(*known), params=query, **content)
    assert answer.status_code < 500 or "run make setup" in answer.text, answer.text
    if answer.status_code >= 400 and path.startswith("/v1"):
        assert answer.json()["status"] == answer.status_code
