"""The settings of every process: `CAPACITY_*` in the environment, read once, then frozen."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from capacity.errors import StartFailed
from capacity.vocabulary.retention import FORGOTTEN, Data

Days = Annotated[int, Field(ge=1, le=3650)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Settings(BaseSettings):
    """What a process needs to know. The addresses may hold a password, so nothing prints them."""

    model_config = SettingsConfigDict(env_prefix="CAPACITY_", frozen=True, env_file=".env", extra="ignore")

    redis_url: SecretStr = Field(SecretStr("redis://127.0.0.1:6379/0"), description="Redis 7.2 or newer, or Valkey")
    database_url: SecretStr = Field(SecretStr("postgresql://127.0.0.1/capacity"), description="Postgres 15 or newer")
    host: str = Field("127.0.0.1", description="the address to listen on; a loopback one until accounts exist")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="0 takes any free one")
    host_names: tuple[str, ...] = Field((), description="names of a proxy in front, as a JSON list")
    grace_seconds: Seconds = Field(2.0, description="how long open requests may take to end when we stop")
    heartbeat_seconds: Annotated[float, Field(gt=0, le=15)] = Field(5.0, description="the feed's longest silence")
    stall_seconds: Seconds = Field(60.0, description="a reader that takes nothing for this long is closed")
    recorder_lag_seconds: Seconds = Field(30.0, description="beyond this /readyz says no")
    keep_audit_days: Days = Field(FORGOTTEN[Data.AUDIT], description="how long the audit is kept")
    keep_ended_days: Days = Field(
        FORGOTTEN[Data.CREDENTIALS], description="how long ended sessions, devices, tokens and accounts are kept"
    )
    contact: Annotated[str, Field(max_length=300)] = Field("", description="whom /donnees tells to ask")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def live_url(self) -> str:
        return self.redis_url.get_secret_value()

    @property
    def ledger_url(self) -> str:
        return self.database_url.get_secret_value()

    @property
    def kept_days(self) -> dict[Data, int]:
        """How long each kind of data stays after its end."""
        ended = dict.fromkeys((Data.CREDENTIALS, Data.ACCOUNTS), self.keep_ended_days)
        return {**FORGOTTEN, **ended, Data.AUDIT: self.keep_audit_days}


def read_settings(**overrides: object) -> Settings:
    """The settings of this process; an override that is None is none.

    Raises:
        StartFailed: a variable holds what it cannot; the sentence names it and not its value.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks each by its field
    except ValidationError as problem:
        first = problem.errors(include_input=False)[0]
        name = "_".join(("CAPACITY", *map(str, first["loc"]))).upper()
        raise StartFailed(f"The setting {name} is wrong: {first['msg'].lower()}.") from problem
