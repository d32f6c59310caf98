"""How an address says where the live store is."""

import re

import pytest

from capacity.store.live_address import FORMS, Kind, live_address


def test_one_server_is_what_redis_py_says():
    address = live_address("redis://user:p%40ss@somewhere:7000/2")
    assert (address.kind, address.nodes) == (Kind.SERVER, ())
    assert address.options == {
        "host": "somewhere", "port": 7000, "db": 2, "username": "user", "password": "p@ss",
    }  # fmt: skip
    assert live_address("unix:///run/valkey.sock").options["path"] == "/run/valkey.sock"


def test_sentinels_have_passwords_of_their_own_and_name_the_primary():
    address = live_address("redis+sentinel://:inner@one:1,two/board/3?sentinel_password=outer")
    assert (address.kind, address.name) == (Kind.SENTINEL, "board")
    assert address.nodes == (("one", 1), ("two", 26379))
    assert address.options == {"password": "inner", "db": 3}
    assert address.sentinel_options == {"password": "outer"}


def test_a_cluster_is_any_of_its_nodes():
    address = live_address("rediss+cluster://[::1]:7,two?ssl_ca_certs=/ca.pem")
    assert (address.kind, address.nodes, address.by_tls) == (Kind.CLUSTER, (("::1", 7), ("two", 6379)), True)
    assert address.options["ssl_ca_certs"] == "/ca.pem"


@pytest.mark.parametrize(
    "url",
    [
        "http://somewhere", "somewhere:6379", "redis+sentinel://one", "redis+sentinel:///board", "unix+cluster://a",
        "redis+cluster://one/3", "redis+sentinel://one:many/board", "redis+sentinel://one/board/third", "redis+other://a",
    ],
)  # fmt: skip
def test_another_form_is_refused_with_those_that_there_are(url):
    with pytest.raises(ValueError, match=re.escape(FORMS)):
        live_address(url)


def test_passwords_are_not_shown():
    assert "s3cret" not in repr(live_address("redis+sentinel://:s3cret@one/board?sentinel_password=s3cret"))
