"""Where the service listens, what others call it there, and what somebody should know before they can."""

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import httpx2
import psutil
import pytest
from websockets.asyncio.client import connect

from capacity.errors import StartFailed
from capacity.processes.listening import check_tls, is_loopback, listen, own_names, reached_at, remarks
from capacity.processes.settings import read_settings
from tests.serving import in_one_task, server_on
from tests.web_fixtures import world
from tests.world import body_of, report, site

__all__ = ["world"]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=here", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


def said(**settings: object) -> str:
    return " ".join(remarks(read_settings(**settings)))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_of_loopback_nothing_has_to_be_said(host: str):
    assert is_loopback(host)
    assert said(host=host) == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org", ""])
def test_elsewhere_without_tls_is_warned_of(host: str):
    assert not is_loopback(host)
    assert "without TLS" in said(host=host)
    assert "CAPACITY_TRUSTED_PROXIES" in said(host=host)
    assert "CAPACITY_HOST_NAMES" in said(host=host)


def test_with_tls_here_or_in_a_declared_proxy_only_the_names_are_spoken_of(pair):
    certificate, key = pair
    for tls in ({"tls_certificate": certificate, "tls_key": key}, {"trusted_proxies": ["10.0.0.0/8"]}):
        assert "without TLS" not in said(host="0.0.0.0", **tls)
        assert "CAPACITY_HOST_NAMES" in said(host="0.0.0.0", **tls)
        assert said(host="0.0.0.0", host_names=["board.example"], **tls) == ""


def test_an_address_that_is_listened_on_is_ours_and_a_name_has_to_be_told():
    assert own_names("192.0.2.4") == {"192.0.2.4"}
    assert own_names("Board.example") == {"board.example"}
    everywhere = own_names("0.0.0.0")
    ours = {one.address for each in psutil.net_if_addrs().values() for one in each if one.family is socket.AF_INET}
    assert everywhere >= ours >= {"127.0.0.1"}
    assert "0.0.0.0" not in everywhere, "a page elsewhere can ask for it, and means us"
    assert not any("%" in address for address in everywhere)
    assert [reached_at(host) for host in ("0.0.0.0", "::", "10.0.0.1")] == ["127.0.0.1", "::1", "10.0.0.1"]


def test_a_certificate_that_is_none_is_one_sentence(pair, tmp_path: Path):
    certificate, key = pair
    check_tls(read_settings(tls_certificate=certificate, tls_key=key))
    check_tls(read_settings())
    with pytest.raises(StartFailed, match="are needed both"):
        read_settings(tls_certificate=certificate)
    with pytest.raises(StartFailed, match="are no pair"):
        check_tls(read_settings(tls_certificate=key, tls_key=certificate))
    with pytest.raises(StartFailed, match=r"nowhere\.pem cannot be read"):
        check_tls(read_settings(tls_certificate=certificate, tls_key=tmp_path / "nowhere.pem"))


@pytest.mark.parametrize("network", ["10.0.0", "proxy", "10.0.0.0/99", "*"])
def test_a_proxy_is_an_address_or_a_network(network: str):
    with pytest.raises(StartFailed, match="CAPACITY_TRUSTED_PROXIES is wrong"):
        read_settings(trusted_proxies=[network])


async def test_all_of_it_is_served_by_tls(world, pair):
    await world.put(site("halte", "halte.women"))
    context = ssl.create_default_context(cafile=pair[0])
    async with in_one_task(server_on(world, tls=pair)) as served:
        base = f"https://127.0.0.1:{served.port}"
        async with httpx2.AsyncClient(base_url=base, verify=context) as http:
            address = f"/v1/territories/{world.name}"
            reports = body_of([report("count", "halte.women", occupied=3)])
            answers = [
                await http.get("/healthz"),
                await http.post(f"{address}/reports", content=reports, headers={"content-type": "application/json"}),
                await http.post(
                    f"{address}/reports",
                    content=body_of([report("movement", "halte.women", delta=1) for _ in range(9)]),
                ),
            ]
            assert [answer.status_code for answer in answers] == [200, 200, 200]
            for answer in answers:
                assert answer.headers["strict-transport-security"] == "max-age=31536000"
        feed = f"wss{base[5:]}{address}/feed"
        async with connect(feed, ssl=context, origin=base) as reader:
            assert b"halte.women" in (await reader.recv(decode=False))


def test_a_port_in_use_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartFailed, match=f"Port {port} on 127.0.0.1 is in use"):
            listen("127.0.0.1", port)
