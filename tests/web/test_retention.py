"""The page that says what is kept."""

import re

from capacity.vocabulary.retention import TABLE, Data
from capacity.web.retention import page


async def test_the_page_tells_all_that_is_kept_in_french(client):
    answer = await client.get("/donnees")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="fr">' in answer.text
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in answer.text
    for kept in TABLE:
        assert kept.name in answer.text
    for word in ("CNIL", "minimisation", "12 mois", "30 jours après"):
        assert word in answer.text
    assert "$" not in answer.text
    assert "{term}" not in answer.text


async def test_the_page_has_nothing_inline_and_nothing_of_others(client):
    answer = await client.get("/donnees")
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert not re.search(r"<script|<style|style=|\son\w+=|javascript:", answer.text)
    linked = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert linked == [
        "/donnees.css",
        "https://www.cnil.fr/fr/plaintes",
        "/",
        "/accessibilite",
    ]
    style = await client.get("/donnees.css")
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "@import" not in style.text
    assert "url(" not in style.text


def test_the_terms_are_those_that_are_set():
    assert "<dd>90 jours.</dd>" in page({Data.AUDIT: 90})


def test_the_contact_is_text_and_nothing_else():
    assert "115 / SIAO" in page()
    told = page(contact="dpo@siao.example <script>")
    assert "dpo@siao.example &lt;script&gt;" in told
    assert "<script" not in told
