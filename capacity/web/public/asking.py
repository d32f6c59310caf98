"""What a reader of the public page asks for, as its address says it; what it says wrongly it does not say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

from capacity.vocabulary.public import DailyNeed
from capacity.vocabulary.words import Audience
from capacity.web.public.languages import FIRST, LANGUAGES

PATH = "/"
MOST_PAGES = 1_000
MOST_SIGNS = 64
_Word = TypeVar("_Word", DailyNeed, Audience)


@dataclass(frozen=True, slots=True)
class Asked:
    """A language, a territory, and what is looked for there; None is everything."""

    lang: str = FIRST
    territory: str | None = None
    need: DailyNeed | None = None
    audience: Audience | None = None
    postcode: str | None = None
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """Read the words of an address."""
        lang, page = query.get("lang", FIRST), query.get("page", "1")
        return cls(
            lang=lang if lang in LANGUAGES else FIRST,
            territory=query.get("territory", "")[:MOST_SIGNS] or None,
            need=_one_of(DailyNeed, query.get("need")),
            audience=_one_of(Audience, query.get("audience")),
            postcode=query.get("postcode", "")[:MOST_SIGNS] or None,
            page=min(MOST_PAGES, max(1, int(page))) if page.isascii() and page.isdecimal() and len(page) < 5 else 1,
        )

    def link(self, **changes: Any) -> str:
        """The address of the same with something else; another question begins at its first page."""
        other = replace(self, **{"page": 1, **changes})
        said = {
            "lang": None if other.lang == FIRST else other.lang,
            "territory": other.territory, "need": other.need, "audience": other.audience,
            "postcode": other.postcode, "page": None if other.page == 1 else other.page,
        }  # fmt: skip
        query = urlencode({name: value for name, value in said.items() if value})
        return f"{PATH}?{query}" if query else PATH


def _one_of(words: type[_Word], said: str | None) -> _Word | None:
    return words(said) if said in set(words) else None
