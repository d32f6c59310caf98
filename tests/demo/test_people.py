"""The people of the demo: links that work once, new ones at each start, and no password anywhere."""

import pytest

from capacity.demo.people import PEOPLE, demo_links
from capacity.errors import LinkUsed
from capacity.vocabulary.roles import Role


async def links(world, database):
    return await demo_links("http://127.0.0.1:8000", database, world.clock, territory=world.name)


async def redeem(world, link):
    secret = link.split("#lien=")[1].split("&")[0]
    begun = await world.signing.signing_in.by_link(secret, None, address="192.0.2.8", label="test")
    return await world.signing.sessions.standing(begun.credential)


async def test_each_link_opens_the_screen_of_its_role_and_asks_for_nothing(world, database):
    made = await links(world, database)
    assert [role for role, _ in made] == [one.role for one in PEOPLE]
    for role, link in made:
        assert link.startswith("http://127.0.0.1:8000/connexion#lien=")
        assert "&vers=/" in link
        standing = await redeem(world, link)
        assert (standing.grants[world.name].role, standing.need) == (role, None)
        assert standing.grants[world.name].sites == ({"halte-hotel-de-ville"} if role is Role.STAFF else set())


async def test_a_new_start_makes_new_links_for_the_same_people(world, database):
    [(_, old), *_] = await links(world, database)
    before = await world.signing.inviting.people_of(world.name)
    [(_, new), *_] = await links(world, database)
    assert [one.id for one in await world.signing.inviting.people_of(world.name)] == [one.id for one in before]
    with pytest.raises(LinkUsed):
        await redeem(world, old)
    assert await redeem(world, new)
    assert not any(one.has_password for one in before)
