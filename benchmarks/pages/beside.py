"""`capacity serve` with one page more: the plain list of `plain/` at `/plain`, served as the screens are.

The same origin, the same headers, the same packing: a reader of either takes the same way to the same feed.
"""

from pathlib import Path

from capacity.processes.serve import run
from capacity.processes.settings import read_settings
from capacity.web import pages
from capacity.web.pages import BuiltFile, BuiltSite

PEER = {path.name: BuiltFile.read(path) for path in Path(__file__).with_name("plain").iterdir()}

_find = BuiltSite.find


def _find_beside(site: BuiltSite, name: str) -> BuiltFile | None:
    return PEER.get(name) or _find(site, name)


if __name__ == "__main__":
    BuiltSite.find = _find_beside  # type: ignore[method-assign]  # the product has no page of a peer's; we measure one
    pages.PAGES["/plain"] = "plain"
    pages.NAMED += ("plain.css", "plain.js")  # type: ignore[assignment]  # a tuple of a fixed length there
    run(read_settings())
