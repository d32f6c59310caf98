"""`/donnees`: what is kept, why and for how long, in plain French, made from the table that the clean-up obeys."""

from collections.abc import Mapping
from html import escape
from string import Template

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from capacity.vocabulary.retention import FORGOTTEN, TABLE, Data, Kept
from capacity.web.defences import PAGE_HEADERS

ADDRESS = "/donnees"
NO_CONTACT = (
    "Adressez-vous à l’organisme qui vous a donné accès à ce tableau, ou au 115 / SIAO de votre département : il vous "
    "dira qui en est responsable."
)

_PAGE = Template("""<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Ce que nous gardons, et pourquoi</title>
<link rel="stylesheet" href="/donnees.css">
</head>
<body>
<main>
<h1>Ce que nous gardons, et pourquoi</h1>
<p>Ce tableau montre les places libres de l’hébergement d’urgence. Il compte des places et des personnes, et ne connaît
aucune de celles qui sont accueillies : aucun nom, aucun numéro de téléphone, aucune nationalité, aucun texte libre sur
quelqu’un. Ce qui n’est pas demandé ne peut ni se perdre ni se voler : c’est la minimisation des données.</p>
<p>Rien n’est envoyé à un autre site, rien n’est vendu, rien ne sert à la publicité ni à suivre quelqu’un.</p>
$sections
<section>
<h2>Vos droits</h2>
<p>Si vous avez un compte, vous pouvez demander à voir, à corriger ou à faire effacer ce qui vous concerne, et vous
opposer à son usage ou le faire limiter. $contact</p>
<p>Si la réponse ne vous convient pas, vous pouvez saisir la CNIL, Commission nationale de l’informatique et des
libertés : <a href="https://www.cnil.fr/fr/plaintes" rel="noreferrer">cnil.fr/fr/plaintes</a>.</p>
<p>Cette page est faite à partir de la règle même que le service applique chaque jour pour effacer.</p>
</section>
<p><a href="/">Retour à l’accueil</a> <a href="/accessibilite">Accessibilité : non conforme</a></p>
</main>
</body>
</html>
""")
_SECTION = Template("""<section>
<h2>$name</h2>
<dl>
<dt>Quoi</dt><dd>$what</dd>
<dt>Pourquoi</dt><dd>$why</dd>
<dt>Combien de temps</dt><dd>$term.</dd>
<dt>Qui le voit</dt><dd>$seen_by</dd>
<dt>De quel droit</dt><dd>$ground.</dd>
</dl>
</section>""")
_STYLE = """:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 42rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: 0.25rem 1rem; margin: 0; }
dt { font-weight: 600; }
dd { margin: 0; }
a { color: inherit; }
:focus-visible { outline: 3px solid; outline-offset: 2px; }
main > p:last-child a { display: inline-block; margin-inline-end: 1rem; padding-block: 0.6rem; }
@media (max-width: 30rem) {
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: 0.5rem; }
}
"""


def page(days: Mapping[Data, int] = FORGOTTEN, contact: str = "") -> str:
    """The page, with the terms that are set here; `contact` says whom to ask."""
    asked = f"Pour cela, écrivez à : {escape(contact)}." if contact else NO_CONTACT
    return _PAGE.substitute(sections="\n".join(_section(kept, days) for kept in TABLE), contact=asked)


def retention_routes(days: Mapping[Data, int] = FORGOTTEN, contact: str = "") -> list[Route]:
    """The page and its style: a file of its own, since inline styles are forbidden."""
    body = page(days, contact).encode()

    async def told(_request: Request) -> Response:
        return Response(body, headers={**PAGE_HEADERS, "cache-control": "no-cache"}, media_type="text/html")

    async def style(_request: Request) -> Response:
        return Response(_STYLE, headers={"cache-control": "public, max-age=3600"}, media_type="text/css")

    return [
        Route(ADDRESS, told, methods=["GET"], include_in_schema=False),
        Route("/donnees.css", style, methods=["GET"], include_in_schema=False),
    ]


def _section(kept: Kept, days: Mapping[Data, int]) -> str:
    told = {
        "name": kept.name, "what": kept.what, "why": kept.why, "term": _capital(kept.term(days)),
        "seen_by": kept.seen_by, "ground": _capital(kept.ground),
    }  # fmt: skip
    return _SECTION.substitute({name: escape(text) for name, text in told.items()})


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
