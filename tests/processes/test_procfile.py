"""The Procfile says which processes make up the service."""

import sys

from capacity.processes import procfile


def test_ours_names_serve_and_record():
    assert procfile.commands(procfile.path().read_text()) == {
        "serve": (sys.executable, "-m", "capacity", "serve"),
        "record": (sys.executable, "-m", "capacity", "record"),
    }


def test_comments_and_other_programs_are_read_as_everywhere():
    assert procfile.commands("# not: this\n\nproxy: caddy run --config 'my file'\n") == {
        "proxy": ("caddy", "run", "--config", "my file")
    }
