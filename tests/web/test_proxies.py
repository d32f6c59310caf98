"""Only declared proxies are believed."""

import pytest

from capacity.web.proxies import BehindProxies, Proxies, forwarded_https
from tests.web_fixtures import is_problem

PROXY, OTHER = "10.0.0.1", "203.0.113.9"


async def seen(trusted, client, headers, scheme="http", kind="http"):
    """What the application behind sees of a request."""
    scopes = []

    async def app(scope, _receive, _send):
        scopes.append(scope)

    raw = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": kind, "client": client, "scheme": scheme, "headers": raw}
    await BehindProxies(app, Proxies(trusted))(scope, None, None)
    return scopes[0]["client"], scopes[0]["scheme"]


def forwarded(*values, proto=None):
    return [("x-forwarded-for", value) for value in values] + ([("x-forwarded-proto", proto)] if proto else [])


@pytest.mark.parametrize("client", [(OTHER, 5), None, ("", 0), ("testclient", 1)])
async def test_nobody_else_is_believed(client):
    assert await seen([PROXY], client, forwarded("1.2.3.4", proto="https")) == (client, "http")
    assert await seen([], (PROXY, 5), forwarded("1.2.3.4", proto="https")) == ((PROXY, 5), "http")


@pytest.mark.parametrize(
    ("values", "client"),
    [
        (["198.51.100.7"], "198.51.100.7"),
        (["6.6.6.6, 198.51.100.7"], "198.51.100.7"),
        (["6.6.6.6", "198.51.100.7"], "198.51.100.7"),
        (["6.6.6.6, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (["198.51.100.7:4711"], "198.51.100.7"),
        (["[2001:db8::7]:4711"], "2001:db8::7"),
        (["2001:DB8::7"], "2001:db8::7"),
        (["6.6.6.6, unknown, 10.0.0.2"], "10.0.0.2"),
        (["<script>"], PROXY),
        ([""], PROXY),
    ],
)
async def test_the_client_is_the_last_address_that_is_no_proxy_of_ours(values, client):
    found, _ = await seen(["10.0.0.0/8"], (PROXY, 5), forwarded(*values))
    assert found[0] == client


@pytest.mark.parametrize(("kind", "plain", "secure"), [("http", "http", "https"), ("websocket", "ws", "wss")])
async def test_a_proxy_says_whether_the_client_came_by_tls(kind, plain, secure):
    for said, scheme in (
        ("https", secure),
        ("http", plain),
        ("HTTPS", secure),
        ("https, http", plain),
        ("gopher", plain),
    ):
        assert (await seen([PROXY], (PROXY, 5), forwarded(proto=said), plain, kind))[1] == scheme
    assert (await seen([PROXY], (PROXY, 5), [], secure, kind))[1] == secure


async def test_an_ipv4_proxy_on_an_ipv6_socket_is_known():
    found, _ = await seen([PROXY], (f"::ffff:{PROXY}", 5), forwarded("198.51.100.7"))
    assert found[0] == "198.51.100.7"


def test_what_is_no_network_is_refused():
    with pytest.raises(ValueError, match="nonsense"):
        Proxies(["nonsense"])


def test_a_scheme_that_is_not_said_is_not_known():
    assert forwarded_https([]) is None


async def test_without_declared_proxies_nothing_is_believed(client):
    answer = await client.get("/healthz", headers={"x-forwarded-proto": "https", "x-forwarded-for": "127.0.0.1"})
    assert "strict-transport-security" not in answer.headers
    answer = await client.get("/healthz", headers={"host": "evil", "x-forwarded-host": "board.test"})
    assert is_problem(answer, 421, "foreign-host")
