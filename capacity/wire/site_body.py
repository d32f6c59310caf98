"""A site as a PUT carries it. Source: wire.md, Registry."""

from typing import Any

from pydantic import ConfigDict

from capacity.wire.registry import Site


def _without_need_of_id(schema: dict[str, Any]) -> None:
    schema["required"].remove("id")


class SiteBody(Site):
    """A site as it comes in: the address says its `id` already. This model describes; `Site` is what is parsed."""

    model_config = ConfigDict(json_schema_extra=_without_need_of_id)
