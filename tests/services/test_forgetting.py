"""What is over is taken away, and nothing else."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from capacity.board.access import Caller, Grant
from capacity.commands.checkup import check_retention
from capacity.services import forgetting as forgetting_module
from capacity.services.admitting import Admitting
from capacity.services.forgetting import Forgetting
from capacity.store.credentials import CredentialKind
from capacity.store.lock import RecorderLock
from capacity.store.postgres import Database
from capacity.store.retention import RetentionStore
from capacity.vocabulary.acts import Act
from capacity.vocabulary.retention import FORGOTTEN, TABLE, Data, in_words
from capacity.vocabulary.roles import Role
from tests.web_fixtures import world
from tests.world import DAY_MS, new_id

__all__ = ["world"]
NOTHING = dict.fromkeys(FORGOTTEN, 0)


@pytest.fixture
def forgetting(world):
    return Forgetting(RetentionStore(world.database), clock=world.clock)


@pytest.fixture
def admitting(world):
    return Admitting(world.credentials, clock=world.clock)


async def admit(admitting, world, *, lasts=None):
    return await admitting.admit(
        CredentialKind.TOKEN, "a system", lasts=lasts, grants={world.name: Grant(Role.OPERATOR)}
    )


async def add_person(world, *, grant):
    person = new_id()
    at = datetime.fromtimestamp(world.clock() / 1000, UTC)
    async with world.database.connection() as connection:
        await connection.execute(
            "INSERT INTO people (person, email, created_at) VALUES ($1, $2, $3)", person, f"{person}@test", at
        )
        if grant:
            await connection.execute("INSERT INTO grants VALUES ($1, $2, 'operator', '{}')", person, world.name)
    return person


async def counted(world, table):
    async with world.database.connection() as connection:
        return await connection.fetchval(f"SELECT count(*) FROM {table}")


async def test_the_audit_is_kept_for_a_year_and_no_longer(world, forgetting):
    await world.auditing.note(Caller("test"), world.name, Act.SITE_PUT, "old")
    world.clock.forward(1)
    await world.auditing.note(Caller("test"), world.name, Act.SITE_PUT, "young")
    world.clock.forward(FORGOTTEN[Data.AUDIT] * DAY_MS)
    assert await forgetting.forget() == {**NOTHING, Data.AUDIT: 1}
    assert [line.subject for line in await world.auditing.page(world.name, None, 9)] == ["young"]
    assert await forgetting.forget() == NOTHING


async def test_a_credential_is_forgotten_a_while_after_its_end_with_what_it_was_for(world, forgetting, admitting):
    revoked, _ended, lasting = [await admit(admitting, world, lasts=lasts) for lasts in (None, timedelta(days=1), None)]
    world.clock.forward(DAY_MS)
    await admitting.end(revoked.credential)
    world.clock.forward(FORGOTTEN[Data.CREDENTIALS] * DAY_MS)
    assert await forgetting.forget() == NOTHING
    world.clock.forward(1)
    assert await forgetting.forget() == {**NOTHING, Data.CREDENTIALS: 2}
    await world.doorkeeper.look()
    assert world.doorkeeper.recognise(lasting.secret).grants == {world.name: Grant(Role.OPERATOR)}
    assert await counted(world, "grants") == 1


async def test_whoever_is_nothing_anywhere_any_more_is_forgotten(world, forgetting, admitting):
    gone, still_in_a_session, _somebody = [await add_person(world, grant=grant) for grant in (False, False, True)]
    session = await admitting.admit(CredentialKind.SESSION, "", lasts=None, person=still_in_a_session)
    world.clock.forward(FORGOTTEN[Data.ACCOUNTS] * DAY_MS + 1)
    assert await forgetting.forget() == {**NOTHING, Data.ACCOUNTS: 1}
    async with world.database.connection() as connection:
        assert await connection.fetchval("SELECT 1 FROM people WHERE person = $1", gone) is None
    await admitting.end(session.credential)
    world.clock.forward(FORGOTTEN[Data.CREDENTIALS] * DAY_MS + 1)
    assert await forgetting.forget() == {**NOTHING, Data.CREDENTIALS: 1, Data.ACCOUNTS: 1}
    assert await counted(world, "people") == 1


async def test_more_than_a_batch_is_forgotten_at_once(world, forgetting, monkeypatch):
    monkeypatch.setattr(forgetting_module, "A_BATCH", 3)
    for number in range(7):
        await world.auditing.note(Caller("test"), world.name, Act.SITE_PUT, str(number))
    world.clock.forward(400 * DAY_MS)
    both = await asyncio.gather(forgetting.forget(), forgetting.forget())
    assert sum(gone[Data.AUDIT] for gone in both) == 7
    assert await counted(world, "audit") == 0


async def test_the_doctor_finds_what_stayed_too_long(world, forgetting):
    await world.auditing.note(Caller("test"), world.name, Act.SITE_PUT, "old")
    world.clock.forward((FORGOTTEN[Data.AUDIT] + 1) * DAY_MS + 1)
    assert await forgetting.overdue(timedelta(days=2)) == NOTHING
    world.clock.forward(DAY_MS)
    overdue = await forgetting.overdue(timedelta(days=2))
    (finding,) = check_retention(overdue)
    assert (finding.verdict, "1 audit" in finding.said) == ("bad", True)
    assert [finding.verdict for finding in check_retention(NOTHING)] == ["good"]


async def test_the_active_recorder_forgets_when_it_starts(world, database, forgetting):
    await world.auditing.note(Caller("test"), world.name, Act.SITE_PUT, "old")
    world.clock.forward(400 * DAY_MS)
    recording = asyncio.create_task(world.recording.run(RecorderLock(database), forgetting.run))
    try:
        async with asyncio.timeout(20):
            while await counted(world, "audit"):
                await asyncio.sleep(0.02)  # Postgres can only be asked
    finally:
        recording.cancel()
        await asyncio.gather(recording, return_exceptions=True)


async def test_recording_goes_on_when_nothing_can_be_forgotten(world, monkeypatch, caplog):
    async with Database.open("postgresql://127.0.0.1:1/nowhere") as away:
        forgetting = Forgetting(RetentionStore(away), clock=world.clock)
        running = asyncio.create_task(forgetting.run())
        async with asyncio.timeout(20):
            while "the ledger is away" not in caplog.text:
                await asyncio.sleep(0.02)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_every_kind_of_data_stands_in_the_table_once():
    assert [kept.data for kept in TABLE] == list(Data)
    for kept in TABLE:
        assert ("{term}" in kept.until) == (kept.days is not None)
        assert kept.term({kept.data: 1}) if kept.days else kept.term({})


def test_a_term_is_said_as_one_says_it():
    assert [in_words(days) for days in (1, 30, 365, 90)] == ["1 jour", "30 jours", "12 mois", "90 jours"]
