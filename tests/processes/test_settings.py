"""Settings come from the environment, once, and a wrong one is named."""

import pytest
from pydantic import ValidationError

from capacity.errors import StartFailed
from capacity.processes.settings import read_settings


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CAPACITY_REDIS_URL", "redis://elsewhere:6379/1")
    monkeypatch.setenv("CAPACITY_PORT", "8123")
    settings = read_settings(port=None)
    assert (settings.live_url, settings.port) == ("redis://elsewhere:6379/1", 8123)


def test_the_command_line_wins(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CAPACITY_PORT", "8123")
    assert read_settings(port=9000).port == 9000


def test_a_wrong_one_is_named_and_its_value_is_not(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CAPACITY_PORT", "s3cret")
    with pytest.raises(StartFailed, match="CAPACITY_PORT is wrong") as refused:
        read_settings()
    assert "s3cret" not in str(refused.value)


def test_an_address_of_no_known_form_is_named_with_the_forms_and_not_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CAPACITY_REDIS_URL", "redis+sentinel://:s3cret@one:1")
    with pytest.raises(StartFailed, match=r"CAPACITY_REDIS_URL is wrong: it is redis://HOST") as refused:
        read_settings()
    assert "s3cret" not in str(refused.value)


def test_passwords_in_addresses_are_not_shown():
    assert "s3cret" not in repr(read_settings(database_url="postgresql://capacity:s3cret@db/capacity"))


def test_they_do_not_change():
    with pytest.raises(ValidationError):
        read_settings().port = 1


def test_there_is_a_replica_only_where_one_is_named_and_its_password_is_not_shown():
    assert read_settings().replica_url is None
    named = read_settings(database_replica_url="postgresql://capacity:s3cret@replica/capacity")
    assert named.replica_url == "postgresql://capacity:s3cret@replica/capacity"
    assert "s3cret" not in repr(named)
