"""Pages out of templates. Everything that comes from the registry or an address is escaped by default."""

from functools import cache
from typing import TYPE_CHECKING, Any

from capacity.services.showing import Shown
from capacity.store.publicity import Publicity
from capacity.vocabulary.public import DailyNeed
from capacity.web.public import files
from capacity.web.public.asking import PATH, Asked
from capacity.web.public.languages import LANGUAGES, Speech
from capacity.web.public.listing import AUDIENCES, listing, place_name, postcodes_of

if TYPE_CHECKING:
    from jinja2 import Environment

SCREENS = "/ecrans"


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # reports need not wait for it after a start

    return Environment(
        loader=PackageLoader("capacity.web.public", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def home(
    asked: Asked,
    territories: tuple[Publicity, ...],
    shown: Shown | None,
    now_ms: int,
    *,
    is_known: bool,
    is_readable: bool = True,
) -> str:
    """The public page: `shown` is None without a territory that shows itself.

    `is_known`: the reader brings a credential, whichever. `is_readable`: it is known which territories show themselves.
    """
    speech = Speech(asked.lang, now_ms)
    texts = speech.texts
    more: dict[str, Any] = {"groups": [], "postcodes": []}
    if shown is not None:
        more["groups"] = listing(shown.sites, shown.vacancies, asked, now_ms)
        more["postcodes"] = [(code, place_name(code)) for code in postcodes_of(shown.sites)]
    name = next((one.name for one in territories if one.id == asked.territory), None)
    return _templates().get_template("home.html").render(
        lang=asked.lang, direction=speech.direction, files=files.ADDRESSES, languages=LANGUAGES, t=texts, speech=speech,
        asked=asked, territories=territories, name=name, shown=shown, time=speech.time(now_ms), is_known=is_known,
        is_readable=is_readable, screens=SCREENS + Asked(territory=asked.territory).link().removeprefix(PATH),
        needs=[(need, texts[f"need_{need}"]) for need in DailyNeed],
        audiences=[(audience, texts[f"audience_{audience}"]) for audience in AUDIENCES], place_name=place_name,
        **more,
    )  # fmt: skip


def accessibility(contact: str) -> str:
    """The statement, in French; `contact` is whom to write to."""
    template = _templates().get_template("accessibility.html")
    return template.render(lang="fr", direction="ltr", files=files.ADDRESSES, contact=contact)
