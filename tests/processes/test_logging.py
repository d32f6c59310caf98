"""What the log says, and what it never says."""

import io
import json
import logging

import pytest
import structlog

from capacity.processes.logging import configure


@pytest.fixture
def lines(monkeypatch):
    """A function that answers what was logged since, line by line."""
    root, said = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    root.handlers = []  # `configure` closes those that it finds
    monkeypatch.setattr("sys.stderr", said)
    configure("serve", "info")

    def since():
        told = [json.loads(line) for line in said.getvalue().splitlines()]
        said.seek(0)
        said.truncate()
        return told

    yield since
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def fail_with(body):
    raise RuntimeError("broken")


def test_a_failure_is_told_without_the_variables_it_held(lines):
    for log in (structlog.get_logger("ours"), logging.getLogger("theirs")):
        try:
            fail_with("Bearer abc")
        except RuntimeError:
            log.exception("it broke")
        (line,) = lines()
        assert line["event"] == "it broke"
        assert line["exception"][0]["exc_type"] == "RuntimeError"
        assert "abc" not in json.dumps(line)


def test_what_the_libraries_add_is_told_and_secrets_are_not(lines):
    logging.getLogger("theirs").warning("seen %s", "once", extra={"command": "0192", "api_token": "abc"})
    (line,) = lines()
    assert (line["event"], line["command"], line["level"], line["process"]) == ("seen once", "0192", "warning", "serve")
    assert "abc" not in json.dumps(line)
