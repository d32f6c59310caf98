"""Registering: Postgres first, the board follows, and the live numbers are never disturbed."""

import asyncio

import pytest

from capacity.board.clocks import rfc3339
from capacity.errors import PoolTaken, StoreUnavailable, UnknownSite, UnknownTerritory
from capacity.wire.registry import Site
from tests.world import HOUR_MS, NOW_MS, report, site, world_of

WOMEN, MEN = "halte.women", "halte.men"


@pytest.fixture
async def world(redis_url, database, territory):
    async with world_of(redis_url, database, territory) as world:
        yield world


async def board_as_registered(world):
    """The pools that the registry has on the board, as (site, registered capacity, fresh_for)."""
    entries = await world.registry.pools(world.name)
    return {entry.pool_id: (entry.site_id, entry.fresh_for) for entry in entries if not entry.removed}


async def living(world):
    return {pool: row for pool, row in (await world.rows()).items() if "gone" not in row}


async def board_agrees(world):
    board = {pool: (row["site"], row["fresh_for"]) for pool, row in (await living(world)).items()}
    return board == await board_as_registered(world)


async def test_the_first_site_opens_the_territory(world):
    with pytest.raises(UnknownTerritory):
        await world.sites()
    assert await world.put(site("halte", WOMEN))
    assert [each["id"] for each in await world.sites()] == ["halte"]
    assert (await world.rows())[WOMEN] == {
        "pool": WOMEN, "site": "halte", "seq": 1, "status": "open", "capacity": 10, "extra": 0, "out_of_service": 0,
        "occupied": 0, "held": 0, "free": 10, "over": 0, "observed_at": None, "fresh_for": 7200, "contingents": [],
    }  # fmt: skip


async def test_a_site_comes_back_exactly_as_it_was_put(world):
    whole = site(
        "halte",
        {"id": WOMEN, "unit": "room", "sleeps": 3, "audience": "families", "traits": ["pets", "wheelchair"],
         "capacity": 0, "fresh_for": 60},
        {"id": "a", "unit": "locker"},
        name="Halte « Hôtel de Ville », it's 4ᵉ", visibility="professional", address='5 "rue" Lobau \\ 🏠',
        position={"lat": 48.8566101, "lon": -0.1}, phone="+33 1 23 45 67 89", opening_hours="Mo-Su 18:00-08:00",
        organisation="Samusocial; DROP TABLE sites; --", reminder_hours=("22:00", "02:00"),
    )  # fmt: skip
    await world.put(whole)
    assert [Site.model_validate(each) for each in await world.sites()] == [whole]
    await world.put(whole.model_copy(update={"reminder_hours": ()}))
    assert "reminder_hours" not in (await world.sites())[0]


@pytest.mark.parametrize("name", ["🏠" * 200, "مأوى", "a\nb\tc", "%s $1 :x {75}:meta", "</script>", "\u200be\u0301"])
async def test_odd_text_is_kept_sign_by_sign(world, name):
    await world.put(site("halte", name=name, address=name, organisation=name))
    (kept,) = await world.sites()
    assert (kept["name"], kept["address"], kept["organisation"]) == (name, name, name)


async def test_the_same_site_again_changes_nothing(world):
    await world.put(site("halte", WOMEN))
    etag, before = await world.registry.version(world.name), await world.everything()
    assert not await world.put(site("halte", WOMEN))
    assert await world.everything() == before
    edit = await world.registering.import_sites(world.name, None, [site("halte", WOMEN)])
    assert (edit.created, edit.changed, edit.unchanged) == ([], [], ["halte"])
    assert isinstance(etag, int)


async def test_every_edit_changes_the_tag(world):
    tags = []
    for each in (site("halte", WOMEN), site("halte", WOMEN, name="Other"), site("halte"), site("b")):
        await world.put(each)
        tags.append(await world.registry.version(world.name))
    await world.registering.close(world.name, "b")
    tags.append(await world.registry.version(world.name))
    assert len(set(tags)) == len(tags)


async def test_a_new_name_changes_no_row_and_takes_no_number(world):
    await world.put(site("halte", WOMEN))
    before = await world.rows()
    assert not await world.put(site("halte", WOMEN, name="Halte de nuit", kind="night_halte"))
    assert (await world.rows(), await world.seq()) == (before, 1)
    assert (await world.sites())[0]["name"] == "Halte de nuit"


async def test_an_edit_never_disturbs_the_live_numbers(world):
    await world.put(site("halte", WOMEN))
    await world.post(
        report("count", WOMEN, NOW_MS - HOUR_MS, occupied=7),
        report("movement", WOMEN, delta=1),
        report("inventory", WOMEN, capacity=12, extra=3, out_of_service=1),
        report("status", WOMEN, status="draining"),
    )
    before = (await world.rows())[WOMEN]
    await world.put(site("halte", {"id": WOMEN, "fresh_for": 600, "traits": ["pets"]}, MEN, name="Other"))
    after = (await world.rows())[WOMEN]
    assert after == {**before, "fresh_for": 600, "seq": after["seq"]}


async def test_a_registered_capacity_moves_the_live_one_only_when_it_changes_itself(world):
    await world.put(site("halte", {"id": WOMEN, "capacity": 10}))
    await world.post(report("inventory", WOMEN, capacity=12))
    world.clock.forward(1)
    await world.put(site("halte", {"id": WOMEN, "capacity": 10}, name="Other"))
    assert (await world.rows())[WOMEN]["capacity"] == 12
    world.clock.forward(1)
    await world.put(site("halte", {"id": WOMEN, "capacity": 20}))
    assert (await world.rows())[WOMEN]["capacity"] == 20
    (old,) = await world.post(report("inventory", WOMEN, world.clock() - 1, capacity=5))
    (new,) = await world.post(report("inventory", WOMEN, world.clock() + 1, capacity=6))
    assert (old["outcome"], new["row"]["capacity"]) == ("late", 6)


async def test_pools_come_and_go_while_the_site_lives(world):
    await world.put(site("halte", WOMEN))
    await world.post(report("count", WOMEN, occupied=7))
    await world.put(site("halte", WOMEN, MEN))
    await world.put(site("halte", MEN))
    rows = await world.rows()
    assert rows[WOMEN] == {"pool": WOMEN, "seq": 4, "gone": True}
    assert rows[MEN]["seq"] == 3
    (refused,) = await world.post(report("count", WOMEN, occupied=7))
    assert refused["problem"]["type"] == "/problems/unknown-pool"


async def test_a_pool_that_comes_back_starts_afresh(world):
    await world.put(site("halte", WOMEN))
    await world.post(report("count", WOMEN, occupied=7), report("status", WOMEN, status="closed"))
    await world.put(site("halte"))
    await world.put(site("halte", {"id": WOMEN, "capacity": 4}))
    row = (await world.rows())[WOMEN]
    assert (row["status"], row["capacity"], row["occupied"], row["observed_at"]) == ("open", 4, 0, None)
    (counted,) = await world.post(report("movement", WOMEN, delta=1))
    assert (counted["outcome"], counted["row"]["occupied"]) == ("applied", 1)


async def test_a_pool_of_another_site_is_refused_and_nothing_of_the_edit_is_kept(world):
    await world.put(site("halte", WOMEN))
    before, etag = await world.everything(), await world.registry.version(world.name)
    with pytest.raises(PoolTaken):
        await world.put(site("other", "other.men", WOMEN))
    assert (await world.everything(), await world.registry.version(world.name)) == (before, etag)
    assert [each["id"] for each in await world.sites()] == ["halte"]


async def test_a_pool_that_its_site_gave_up_may_go_to_another(world):
    await world.put(site("halte", WOMEN))
    await world.post(report("count", WOMEN, occupied=7))
    await world.put(site("halte"))
    await world.put(site("other", WOMEN))
    row = (await world.rows())[WOMEN]
    assert (row["site"], row["occupied"]) == ("other", 0)


async def test_a_pool_that_goes_to_another_site_in_one_import_starts_afresh_there(world):
    await world.put(site("halte", WOMEN))
    await world.post(report("count", WOMEN, occupied=7))
    await world.registering.import_sites(world.name, None, [site("halte"), site("other", WOMEN)])
    row = (await world.rows())[WOMEN]
    assert (row["site"], row["occupied"], row["observed_at"]) == ("other", 0, None)
    assert [command["type"] for command in await world.commands()] == ["pool_opened", "count", "pool_opened"]


async def test_of_a_site_that_an_import_names_twice_the_last_counts(world):
    first, last = site("halte", WOMEN), site("halte", MEN)
    await world.put(last)
    edit = await world.registering.import_sites(world.name, None, [first, last])
    assert (edit.created, edit.changed) == ([], ["halte", "halte"])
    assert [Site.model_validate(each) for each in await world.sites()] == [last]
    assert await board_agrees(world)


async def test_a_closed_site_is_gone_from_list_and_board(world):
    await world.put(site("halte", WOMEN, MEN))
    await world.registering.close(world.name, "halte")
    assert await world.sites() == []
    assert await living(world) == {}
    with pytest.raises(UnknownSite):
        (await world.directories.of_now(world.name)).site("halte")
    with pytest.raises(UnknownSite):
        await world.registering.close(world.name, "halte")


async def test_closing_what_is_unknown_says_what(world):
    with pytest.raises(UnknownTerritory):
        await world.registering.close(world.name, "halte")
    await world.put(site("halte"))
    with pytest.raises(UnknownSite):
        await world.registering.close(world.name, "other")


async def test_a_closed_site_that_is_put_again_is_created_again(world):
    await world.put(site("halte", WOMEN))
    await world.registering.close(world.name, "halte")
    assert await world.put(site("halte", WOMEN))
    assert await board_agrees(world)


async def test_an_import_keeps_all_sites_or_none(world):
    await world.put(site("halte", WOMEN))
    before, sites = await world.everything(), await world.sites()
    with pytest.raises(PoolTaken):
        await world.registering.import_sites(world.name, None, [site("a", "a.x"), site("b", WOMEN), site("c", "c.x")])
    assert (await world.everything(), await world.sites()) == (before, sites)


async def test_an_import_says_what_it_did_and_leaves_the_others(world):
    await world.put(site("halte", WOMEN))
    await world.put(site("other", "other.men"))
    sites = [site("halte", WOMEN), site("other", "other.women"), site("third", "third.men")]
    edit = await world.registering.import_sites(world.name, "Paris", sites[1:])
    assert (edit.created, edit.changed, edit.unchanged) == (["third"], ["other"], [])
    assert [Site.model_validate(each) for each in await world.sites()] == sites
    assert await board_agrees(world)


async def test_a_pool_may_move_between_two_sites_of_one_import_whichever_comes_first(world):
    await world.put(site("halte", WOMEN))
    edit = await world.registering.import_sites(world.name, None, [site("other", WOMEN), site("halte")])
    assert (edit.created, edit.changed) == (["other"], ["halte"])
    assert (await living(world))[WOMEN]["site"] == "other"
    assert await board_agrees(world)


async def test_a_dry_run_decides_the_same_and_keeps_nothing(world):
    sites = [site("halte", WOMEN), site("other", "other.men")]
    edit = await world.registering.import_sites(world.name, "Paris", sites, dry_run=True)
    assert edit.created == ["halte", "other"]
    assert await world.registering.territories() == []
    assert await world.everything() == {}
    await world.registering.import_sites(world.name, "Paris", sites)
    etag, before = await world.registry.version(world.name), await world.everything()
    with pytest.raises(PoolTaken):
        await world.registering.import_sites(world.name, None, [site("third", WOMEN)], dry_run=True)
    edit = await world.registering.import_sites(world.name, None, [site("halte", MEN)], dry_run=True)
    assert edit.changed == ["halte"]
    assert (await world.registry.version(world.name), await world.everything()) == (etag, before)


async def test_many_edits_at_once_end_with_the_board_as_registered(world):
    edits = [
        site("halte", *([WOMEN] if i % 2 else []), *([MEN] if i % 3 else []), {"id": "halte.x", "capacity": i})
        for i in range(24)
    ]
    created = await asyncio.gather(*(world.put(each) for each in edits))
    assert sum(created) == 1
    assert await board_agrees(world)
    registered = {
        entry.pool_id: entry.capacity for entry in await world.registry.pools(world.name) if not entry.removed
    }
    assert {pool: row["capacity"] for pool, row in (await living(world)).items()} == registered


async def test_two_sites_that_want_one_pool_at_once_leave_it_to_one(world):
    await world.put(site("first"))
    answers = await asyncio.gather(*(world.put(site(f"site-{i}", "wanted")) for i in range(6)), return_exceptions=True)
    assert [type(answer) for answer in answers if answer is not True] == [PoolTaken] * 5
    assert await board_agrees(world)


async def test_an_edit_that_arrives_after_a_later_one_changes_nothing(world):
    await world.open()
    await world.register(WOMEN, version=7, capacity=7)
    before = await world.everything()
    assert (await world.register(WOMEN, version=6, capacity=6))[0] == b"overtaken"
    assert (await world.remove(WOMEN, version=6))[0] == b"overtaken"
    assert await world.everything() == before
    await world.remove(WOMEN, version=8)
    assert (await world.register(WOMEN, version=7, capacity=7))[0] == b"overtaken"
    assert await living(world) == {}


async def test_an_edit_cut_short_between_the_stores_is_completed_by_the_next_start(world):
    await world.put(site("halte", WOMEN, MEN))
    await world.post(report("count", MEN, occupied=2))
    # The process dies here after Postgres, before Redis: three times over.
    await world.registry.keep(world.name, None, [site("halte", MEN, {"id": "halte.new", "capacity": 3})])
    await world.registry.keep("never-opened", None, [site("other", "other.x")])
    assert not await board_agrees(world)
    assert await world.registering.reconcile() == 3
    assert await board_agrees(world)
    assert (await world.rows())[MEN]["occupied"] == 2
    assert await world.registering.reconcile() == 0


async def test_two_starts_at_once_complete_an_edit_once(world):
    await world.registry.keep(world.name, None, [site("halte", WOMEN, MEN)])
    changed = await asyncio.gather(*(world.registering.reconcile() for _ in range(4)))
    assert sum(changed) == 2
    assert await world.seq() == 2


async def test_a_dead_store_refuses_the_board_and_keeps_the_edit_for_later(world, monkeypatch):
    async def away(*_):
        raise StoreUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(world.live, "is_whole", away)
        with pytest.raises(StoreUnavailable):
            await world.put(site("halte", WOMEN))
    assert [each["id"] for each in await world.sites()] == ["halte"]
    await world.put(site("halte", WOMEN))
    assert await board_agrees(world)


async def test_registry_commands_are_numbered_and_say_what_happened(world):
    await world.put(site("halte", WOMEN))
    world.clock.forward(5)
    await world.put(site("halte", {"id": WOMEN, "capacity": 11}))
    await world.put(site("halte"))
    told = [(each["seq"], each["type"], each["pool"], each["site"]) for each in await world.commands()]
    assert told == [(n, f"pool_{what}", WOMEN, "halte") for n, what in enumerate(("opened", "changed", "gone"), 1)]
    assert [each["observed_at"] for each in await world.commands()][:2] == [rfc3339(NOW_MS), rfc3339(NOW_MS + 5)]


async def test_a_lost_live_store_goes_on_after_the_ledgers_last_number(world):
    await world.put(site("halte", WOMEN))
    await world.post(report("count", WOMEN, occupied=3))
    await world.recording.catch_up(world.name)
    epoch, _ = await world.live.position(world.name)
    await world.redis.delete(*await world.everything())
    assert await world.registering.mend() == {world.name: 1}
    assert await world.registering.mend() == {}
    new_epoch, seq = await world.live.position(world.name)
    assert (new_epoch != epoch, seq) == (True, 2)
    await world.post(report("count", WOMEN, occupied=4))
    assert await world.recording.catch_up(world.name) == 3
    assert [command["seq"] for command in await world.kept()] == [1, 2, 3]
