"""Where the service may listen: on this machine only, until people and devices sign in."""

import errno
import ipaddress
import socket

from capacity.errors import StartFailed


def refuse_other_than_loopback(host: str) -> None:
    """Raises StartFailed for an address that others could reach. A name must be `localhost`."""
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise StartFailed(
            f"{host} is refused: there are no accounts yet, so whoever can reach the board could write to it. "
            "Listen on 127.0.0.1, and put a proxy with a sign-in of its own before it if others must see it."
        )


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address, so that one taken is said before anything starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as problem:
        listener.close()
        raise StartFailed(_sentence(host, port, problem)) from problem
    return listener


def _sentence(host: str, port: int, problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use by another program; choose another with --port."
    if problem.errno == errno.EACCES:
        return f"Port {port} is reserved for the administrator; choose one above 1023 with --port."
    return f"{host}:{port} cannot be listened on: {problem.strerror}."
