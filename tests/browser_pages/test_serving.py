"""How the built files are served, without a browser."""

import gzip
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from capacity.web.pages import page_routes


@pytest.fixture
def built(tmp_path: Path) -> TestClient:
    (tmp_path / "site" / "assets").mkdir(parents=True)
    (tmp_path / "site" / "mur.html").write_text("<!doctype html><title>Mur</title>")
    (tmp_path / "site" / "assets" / "mur-Ab12.js").write_text("export {};")
    (tmp_path / "secret.html").write_text("no")
    return TestClient(Starlette(routes=page_routes(tmp_path / "site")))


def test_a_page_is_asked_for_anew_and_its_assets_are_kept_forever(built: TestClient) -> None:
    page, asset = built.get("/mur"), built.get("/assets/mur-Ab12.js")
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "immutable" in asset.headers["cache-control"]
    assert "javascript" in asset.headers["content-type"]


def test_a_page_lets_nothing_in_from_elsewhere(built: TestClient) -> None:
    headers = built.get("/mur").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_who_cannot_unzip_gets_it_plain(built: TestClient) -> None:
    with built.stream("GET", "/mur", headers={"Accept-Encoding": "gzip"}) as answer:
        zipped = b"".join(answer.iter_raw())
    plain = built.get("/mur", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(zipped) == plain.content


@pytest.mark.parametrize("path", ["/assets/none.js", "/assets/../secret.html", "/assets/%2e%2e/%2e%2e/secret.html"])
def test_only_what_was_built_is_served(built: TestClient, path: str) -> None:
    assert built.get(path).status_code == 404


def test_without_a_build_it_says_what_to_run(tmp_path: Path) -> None:
    nothing = TestClient(Starlette(routes=page_routes(tmp_path / "none")))
    answer = nothing.get("/maraude")
    assert (answer.status_code, answer.text) == (503, "page missing: run make setup\n")
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "maraude.html").write_text("here")
    assert nothing.get("/maraude").text == "here"
