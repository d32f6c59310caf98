"""The feed's document tells the same shapes as the code, and what the server sends fits them."""

from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from capacity.wire.board import BoardMessage, Contingent, GoneRow, Row
from tests.world import report, site

DOCUMENT = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"


@pytest.fixture(scope="module")
def document():
    return yaml.safe_load(DOCUMENT.read_text("utf-8"))


def test_the_document_has_the_fields_of_the_code(document):
    for model in (BoardMessage, Row, GoneRow, Contingent):
        ours, told = model.model_json_schema(), document["components"]["schemas"][model.__name__]
        assert list(told["properties"]) == list(ours["properties"]), model
        assert told["required"] == ours["required"], model


async def test_what_the_board_shows_fits_both_documents(document, client, world):
    await world.put(site("halte", "halte.women", "halte.men"))
    await world.post(report("count", "halte.women", occupied=3))
    address = f"/v1/territories/{world.name}/board"
    shown = [(await client.get(address)).json()]
    await world.put(site("halte", "halte.women"))
    while shown[-1]["seq"] == shown[0]["seq"]:
        query = {"since": shown[0]["seq"], "epoch": shown[0]["epoch"]}
        shown.append((await client.get(address, params=query)).json())
    assert "gone" in shown[-1]["rows"][0]
    openapi = (await client.get("/openapi.json")).json()
    for root in (document, openapi):
        schema = {"$ref": "#/components/schemas/BoardMessage", "components": root["components"]}
        for message in shown:
            jsonschema_rs.validator_for(schema).validate(message)
