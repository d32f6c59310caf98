"""Where the service listens, by which names others know it there, and what to say of that before anything starts."""

import errno
import ipaddress
import socket
import ssl
from collections.abc import Iterator

import psutil

from capacity.errors import StartFailed
from capacity.processes.settings import Settings

_INTERNET = (socket.AF_INET, socket.AF_INET6)


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only. A name is one of others, unless it is `localhost`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def reached_at(host: str) -> str:
    """The address by which this machine itself reaches what listens there."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def own_names(host: str) -> set[str]:
    """By which hosts others may ask for what listens there: that address, or all of this machine for one that is all.

    A name that leads here is not among them: anybody can make one, so ours have to be told.
    """
    if reached_at(host) == host:
        return {host.lower()}
    told = (address for addresses in psutil.net_if_addrs().values() for address in addresses)
    return {address.address.partition("%")[0].lower() for address in told if address.family in _INTERNET}


def remarks(settings: Settings) -> Iterator[str]:
    """What somebody should know who lets others reach the service."""
    if is_loopback(settings.host):
        return
    if settings.tls is None and not settings.trusted_proxies:
        yield (
            f"Listening on {settings.host or 'all addresses'} without TLS: whoever is on the way can read the board "
            "and take over what others sign in with, and browsers on other machines cannot sign in at all. Set "
            "CAPACITY_TLS_CERTIFICATE and CAPACITY_TLS_KEY, or put a proxy with TLS in front and name its address in "
            "CAPACITY_TRUSTED_PROXIES."
        )
    if not settings.host_names:
        yield (
            "It answers to this machine's own addresses only: whoever is to reach it by a name needs that name in "
            """CAPACITY_HOST_NAMES, such as '["board.example"]'."""
        )


def check_tls(settings: Settings) -> None:
    """Raises StartFailed for a certificate and a key that cannot be served with."""
    if settings.tls is None:
        return
    certificate, key = settings.tls
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as problem:
        said = "CAPACITY_TLS_CERTIFICATE and CAPACITY_TLS_KEY are no pair of PEM files without a password"
        raise StartFailed(f"{said}: {problem.reason or problem}.") from problem
    except OSError as problem:
        wrong = next((path for path in (certificate, key) if not path.is_file()), certificate)
        raise StartFailed(f"{wrong} cannot be read: {problem.strerror}.") from problem


def listen(host: str, port: int, *, is_shared: bool = False) -> socket.socket:
    """A socket bound to the address, so that one taken is said before anything starts.

    One `is_shared` leaves room for others of the same account that are: the kernel gives each an equal part of those
    who come. Raises StartFailed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if is_shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
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
