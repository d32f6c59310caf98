"""What the service says of itself."""

import asyncio
import re

from prometheus_client.parser import text_string_to_metric_families

from capacity.errors import LedgerUnavailable, StoreUnavailable
from capacity.store import keeping
from capacity.web.readiness import readiness
from tests.serving import LAG_SECONDS
from tests.web_fixtures import is_problem
from tests.world import report, site


def raising(error):
    async def fail(*_arguments):
        raise error

    return fail


async def metrics_of(client):
    """Each sample's value by its name and labels."""
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {(one.name, *sorted(one.labels.values())): one.value for family in families for one in family.samples}


async def test_the_process_lives_whatever_its_stores_do(client, world, monkeypatch):
    monkeypatch.setattr(world.live, "ping", raising(StoreUnavailable))
    assert (await client.get("/healthz")).json() == {"alive": True}


async def test_ready_means_redis_postgres_and_the_recorder(client, world):
    await world.put(site("halte", "halte.women"))
    await world.recording.catch_up(world.name)
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    told = answer.json()
    assert told["ready"]
    assert set(told["checks"]) == {"redis", "postgres", "recorder"}
    assert told["checks"]["redis"]["mode"] == "fsync always"


async def test_not_ready_when_the_replica_that_a_success_waits_for_is_not_there(client, world, monkeypatch):
    monkeypatch.setattr(world.live, "min_replicas", 1)
    monkeypatch.setattr(world.live._ways.all()[0].gathering, "_replicas", 1)
    monkeypatch.setattr(keeping, "REPLICA_SECONDS", 0.05)
    answer = await client.get("/readyz")
    assert is_problem(answer, 503, "not-ready")
    check = answer.json()["checks"]["redis"]
    assert check["mode"] == "fsync always, and on the disk of 1 replica (0 there)"
    assert "do not confirm" in check["detail"]


async def test_not_ready_names_what_is_not(client, world, monkeypatch):
    monkeypatch.setattr(world.live, "ping", raising(StoreUnavailable))
    answer = await client.get("/readyz")
    assert is_problem(answer, 503, "not-ready")
    assert answer.headers["retry-after"]
    assert [name for name, check in answer.json()["checks"].items() if not check["ok"]] == ["redis"]
    monkeypatch.undo()
    monkeypatch.setattr(world.ledger, "cursors", raising(LedgerUnavailable))
    checks = (await client.get("/readyz")).json()["checks"]
    assert [name for name, check in checks.items() if not check["ok"]] == ["postgres", "recorder"]


async def test_a_recorder_that_lags_is_told_with_its_lag(client, world):
    await world.put(site("halte", "halte.women"))
    world.clock.forward(int(LAG_SECONDS * 1000))
    assert (await client.get("/readyz")).status_code == 200
    world.clock.forward(1000)
    answer = await client.get("/readyz")
    assert is_problem(answer, 503, "not-ready")
    assert "1 commands" in answer.json()["checks"]["recorder"]["detail"]
    now = await metrics_of(client)
    assert now["capacity_recorder_lag_numbers",] == 1
    assert now["capacity_recorder_lag_seconds",] == LAG_SECONDS + 1
    await world.recording.catch_up(world.name)
    assert (await client.get("/readyz")).status_code == 200


async def test_a_check_that_hangs_has_a_deadline_of_its_own():
    async def hang():
        await asyncio.Event().wait()

    async def well():
        return None

    found = await readiness({"one": hang, "two": well}, deadline_seconds=0.01)
    assert (found.ready, found.checks["one"].ok, found.checks["two"].ok) == (False, False, True)


async def test_reports_are_counted_by_type_and_outcome(client, world):
    await world.put(site("halte", "halte.women"))
    reports = [report("count", "halte.women", occupied=1), report("movement", "nowhere", delta=1)]
    await client.post(f"/v1/territories/{world.name}/reports", json={"reports": reports})
    now = await metrics_of(client)
    assert now["capacity_reports_total", "applied", "count"] == 1
    assert now["capacity_reports_total", "movement", "rejected"] == 1


async def test_the_age_of_the_oldest_pool_is_told_by_kind_of_site(client, world):
    await world.put(site("halte", "halte.a", "halte.b", "halte.c"))
    for pool in ("halte.a", "halte.b"):
        await world.post(report("count", pool, occupied=1))
        world.clock.forward(60_000)
    now = await metrics_of(client)
    assert now["capacity_oldest_pool_age_seconds", "women_halte"] == 120
    assert now["capacity_unreported_pools", "women_halte"] == 1


async def test_metrics_outlive_their_stores(client, world, monkeypatch):
    monkeypatch.setattr(world.registering, "territories", raising(LedgerUnavailable))
    now = await metrics_of(client)
    assert now["capacity_asking_failed_total", "lag"] == 1
    assert now["capacity_feed_readers",] == 0


async def test_labels_hold_templates_and_never_what_a_client_sent(client, world):
    await client.get("/v1/territories/secret-name/sites")
    await client.get("/secret-name")
    await client.request("SECRET", "/healthz")
    text = (await client.get("/metrics")).text
    assert "secret" not in text.lower()
    assert 'route="unmatched"' in text
    assert re.search(r'method="other",route="/healthz",status="405"', text)
