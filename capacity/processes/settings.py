"""The settings of every process: `CAPACITY_*` in the environment, read once, then frozen."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from capacity.errors import StartFailed
from capacity.services.budgets import MOST_FEEDS, REPORTS_A_SECOND, REPORTS_AT_ONCE
from capacity.store.live_address import live_address
from capacity.vocabulary.retention import FORGOTTEN, Data
from capacity.web.connections import MOST, MOST_AN_ADDRESS
from capacity.wire.oidc import Provider
from capacity.wire.reports import MOST_REPORTS

Days = Annotated[int, Field(ge=1, le=3650)]
Network = Annotated[str, AfterValidator(lambda text: str(ipaddress.ip_network(text, strict=False)))]
Seconds = Annotated[float, Field(gt=0, le=3600)]


def _is_live_address(url: SecretStr) -> SecretStr:
    live_address(url.get_secret_value())
    return url


class Settings(BaseSettings):
    """What a process needs to know. The addresses may hold a password, so nothing prints them."""

    model_config = SettingsConfigDict(env_prefix="CAPACITY_", frozen=True, env_file=".env", extra="ignore")

    redis_url: Annotated[SecretStr, AfterValidator(_is_live_address)] = Field(
        SecretStr("redis://127.0.0.1:6379/0"),
        description="Redis 7.2 or newer, or Valkey: redis://, rediss://, unix://, redis+sentinel://, redis+cluster://",
    )
    redis_min_replicas: Annotated[int, Field(ge=0, le=8)] = Field(
        0, description="replicas that must have a command on disk before it is told as accepted"
    )
    database_url: SecretStr = Field(SecretStr("postgresql://127.0.0.1/capacity"), description="Postgres 15 or newer")
    database_replica_url: SecretStr | None = Field(
        None, description="a replica of that Postgres, for reads of history; without it there is none"
    )
    replica_lag_seconds: Seconds = Field(30.0, description="a replica further behind is not asked")
    host: str = Field("127.0.0.1", description="the address to listen on")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="0 takes any free one")
    workers: Annotated[int, Field(ge=1, le=256)] = Field(1, description="processes of `serve` on the one port")
    shares_port: bool = Field(False, description="listen beside others on the same port, as the workers do")
    host_names: tuple[str, ...] = Field((), description="names by which others reach it, as a JSON list")
    trusted_proxies: tuple[Network, ...] = Field(
        (), description="addresses or networks of proxies whose X-Forwarded-For and -Proto are believed, as a JSON list"
    )
    tls_certificate: Path | None = Field(None, description="PEM file of the certificate and those that vouch for it")
    tls_key: Path | None = Field(None, description="PEM file of its key")
    grace_seconds: Seconds = Field(2.0, description="how long open requests may take to end when we stop")
    tick_seconds: Annotated[float, Field(ge=0, le=1)] = Field(
        0.020, description="under load, the longest that news of the feed waits for more of it"
    )
    heartbeat_seconds: Annotated[float, Field(gt=0, le=15)] = Field(5.0, description="the feed's longest silence")
    stall_seconds: Seconds = Field(60.0, description="a reader that takes nothing for this long is closed")
    recorder_lag_seconds: Seconds = Field(30.0, description="beyond this /readyz says no")
    oidc_providers: tuple[Provider, ...] = Field((), description="OpenID providers to sign in by, as a JSON list")
    keep_audit_days: Days = Field(FORGOTTEN[Data.AUDIT], description="how long the audit is kept")
    keep_ended_days: Days = Field(
        FORGOTTEN[Data.CREDENTIALS], description="how long ended sessions, devices, tokens and accounts are kept"
    )
    contact: Annotated[str, Field(max_length=300)] = Field("", description="whom /donnees tells to ask")
    most_connections: Annotated[int, Field(ge=1, le=1_000_000)] = Field(MOST, description="open at once in a process")
    most_connections_per_address: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        MOST_AN_ADDRESS, description="open at once in a process by one address"
    )
    most_feeds_per_credential: Annotated[int, Field(ge=1, le=100_000)] = Field(
        MOST_FEEDS, description="feeds that a credential has open at once in a process"
    )
    reports_per_second: Annotated[float, Field(gt=0, le=1_000_000)] = Field(
        REPORTS_A_SECOND, description="what a credential may report for long, in each process"
    )
    reports_at_once: Annotated[int, Field(ge=MOST_REPORTS, le=10_000_000)] = Field(
        REPORTS_AT_ONCE, description="what a credential may report in one burst"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def live_url(self) -> str:
        return self.redis_url.get_secret_value()

    @property
    def ledger_url(self) -> str:
        return self.database_url.get_secret_value()

    @property
    def replica_url(self) -> str | None:
        return None if self.database_replica_url is None else self.database_replica_url.get_secret_value()

    @model_validator(mode="after")
    def _has_both_of_tls(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("CAPACITY_TLS_CERTIFICATE and CAPACITY_TLS_KEY are needed both")
        return self

    @property
    def tls(self) -> tuple[Path, Path] | None:
        """The files of the certificate and of its key; None when TLS is left to a proxy, or to nobody."""
        return None if self.tls_certificate is None or self.tls_key is None else (self.tls_certificate, self.tls_key)

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
        if not first["loc"]:  # what is wrong with several together names them itself
            raise StartFailed(f"{first['msg'].removeprefix('Value error, ')}.") from problem
        name = "CAPACITY_" + str(first["loc"][0]).upper()
        raise StartFailed(f"The setting {name} is wrong: {_told(first['msg'])}.") from problem


def _told(message: str) -> str:
    """Pydantic's sentence as the end of ours; one of our own is left as it is."""
    own = message.removeprefix("Value error, ")
    return own if own != message else message.lower()
