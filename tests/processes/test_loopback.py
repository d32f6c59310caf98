"""Until accounts exist the service is for this machine only."""

import socket

import pytest

from capacity.errors import StartFailed
from capacity.processes.loopback import listen, refuse_other_than_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_is_allowed(host: str):
    refuse_other_than_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org", ""])
def test_anything_else_is_refused_with_the_reason(host: str):
    with pytest.raises(StartFailed, match="there are no accounts yet"):
        refuse_other_than_loopback(host)


def test_a_port_in_use_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartFailed, match=f"Port {port} on 127.0.0.1 is in use"):
            listen("127.0.0.1", port)
