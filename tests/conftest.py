"""Real servers for every test: one Valkey and one Postgres for the whole session.

Tests keep apart by a territory (a key prefix) and a database of their own. Event loops are one a test
(see pyproject.toml); the servers do not depend on any loop.
"""

import asyncio
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import pytest
from hypothesis import settings

from capacity.processes.engines.postgres import Postgres
from capacity.processes.engines.running import running
from capacity.processes.engines.valkey import Valkey
from capacity.processes.migrating import migrate
from tests.browser import give_playwright_a_node_that_runs
from tests.valkeys import cluster
from tests.whole_service import RunningUp, running_up

FAST_POSTGRES = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}
TEMPLATE = "capacity_template"
_numbers = itertools.count(1)

# `pytest --hypothesis-profile thorough` looks longer for an order of things that breaks a law.
settings.register_profile("moderate", max_examples=60, deadline=None)
settings.register_profile("thorough", max_examples=2_000, deadline=None)
settings.load_profile("moderate")


BY_CLUSTER = bool(os.environ.get("CAPACITY_TEST_CLUSTER"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--schemathesis-examples", type=int, help="examples of each operation, drawn anew from the seed")


def pytest_configure() -> None:
    give_playwright_a_node_that_runs()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip on a cluster what is about one server: each such test says why."""
    for item in items:
        marker = item.get_closest_marker("one_server")
        if BY_CLUSTER and marker is not None:
            item.add_marker(pytest.mark.skip(reason=f"not on a cluster: {marker.args[0]}"))


@pytest.fixture(scope="session")
def engines_folder() -> Iterator[Path]:
    """A folder that the account of Postgres may enter too, with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="capacity-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@pytest.fixture(scope="session")
def valkey(engines_folder: Path) -> Iterator[Valkey]:
    """The Valkey that all tests share, as durable as in service. Nobody may flush it."""
    engine = Valkey(engines_folder)
    with running(engine):
        yield engine


@pytest.fixture(scope="session")
def postgres(engines_folder: Path) -> Iterator[Postgres]:
    """The Postgres that all tests share; it forgets a crash, so crash tests start their own."""
    engine = Postgres(engines_folder, FAST_POSTGRES)
    with running(engine):
        yield engine


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest, engines_folder: Path) -> Iterator[str]:
    """The live store that all tests share; with CAPACITY_TEST_CLUSTER=1 three primaries and three replicas."""
    if BY_CLUSTER:
        with cluster(engines_folder) as nodes:
            yield nodes.url
    else:
        yield request.getfixturevalue("valkey").url


@pytest.fixture
def territory() -> str:
    """A territory of this test's own."""
    return f"t{next(_numbers)}"


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def database_template(postgres: Postgres) -> str:
    """The name of a migrated, empty database that nobody is connected to."""
    asyncio.run(_execute(postgres.url("postgres"), f"CREATE DATABASE {TEMPLATE}"))
    asyncio.run(migrate(postgres.url(TEMPLATE)))
    return TEMPLATE


@pytest.fixture
def database(postgres: Postgres, database_template: str) -> Iterator[str]:
    """The URL of a migrated database of this test's own."""
    name = f"test_{next(_numbers)}"
    with asyncio.Runner() as runner:
        runner.run(_execute(postgres.url("postgres"), f"CREATE DATABASE {name} TEMPLATE {database_template}"))
        yield postgres.url(name)
        runner.run(_execute(postgres.url("postgres"), f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def engine_folder() -> Iterator[Path]:
    """A data folder of this test's own, which the account of Postgres may enter too."""
    with tempfile.TemporaryDirectory(prefix="capacity-test-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def valkey_of_its_own(engine_folder: Path) -> Iterator[Callable[[], tuple[Valkey, int]]]:
    """A function that starts a Valkey on this test's folder and gives it with its process id.

    For crash tests: kill the process, call again, and a new server stands on the same data.
    """
    with ExitStack() as stack:

        def start() -> tuple[Valkey, int]:
            engine = Valkey(engine_folder)
            return engine, stack.enter_context(running(engine)).pid

        yield start


@pytest.fixture
def up(engine_folder: Path) -> Iterator[Callable[..., RunningUp]]:
    """A function that runs `capacity up` on this test's folder with the arguments given, until the test ends."""
    with ExitStack() as stack:

        def start(*arguments: str, port: int | None = None) -> RunningUp:
            return stack.enter_context(running_up(engine_folder, *arguments, port=port))

        yield start


@pytest.fixture(scope="session")
def demo_service() -> Iterator[RunningUp]:
    """`capacity up --demo`, ready, for all tests of the session that look at screens or whole journeys.

    Its territory 75 is shared: a test that reports there takes a pool that no other test counts on.
    """
    with tempfile.TemporaryDirectory(prefix="capacity-test-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        with running_up(Path(name), "--demo") as service:
            service.read_until("ready")
            yield service
