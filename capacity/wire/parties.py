"""A household as counts, never as names. Source: domain.md, party; law 9."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from capacity.wire.numbers import WHOLE

MOST_OF_A_KIND = 50

Persons = Annotated[int, Field(ge=0, le=MOST_OF_A_KIND, strict=True), WHOLE]


class Party(BaseModel):
    """How many women, men and children; at least one person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    women: Persons = 0
    men: Persons = 0
    children: Persons = 0

    @model_validator(mode="after")
    def _has_somebody(self) -> "Party":
        if self.persons == 0:
            raise ValueError("a party has at least one person")
        return self

    @property
    def persons(self) -> int:
        """All of them."""
        return self.women + self.men + self.children
