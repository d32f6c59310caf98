"""Whatever goes wrong is told in one shape."""

from capacity import errors
from capacity.web.problems import TABLE
from capacity.wire.problems import PROBLEM_TYPES
from tests.web_fixtures import is_problem


async def test_an_address_that_is_nowhere_is_404(client):
    for address in (
        "/nowhere",
        "/v1",
        "/v1/territories/",
        "/v1//territories",
        "/docs/../etc/passwd",
        "/%ff%fe",
        "/%00",
        "/%",
    ):
        assert is_problem(await client.get(address), 404, "not-found"), address


async def test_a_method_that_is_not_allowed_is_405_and_told_which_are(client):
    for method, address, allowed in [
        ("POST", "/healthz", "GET, HEAD"),
        ("GET", "/v1/territories/75/reports", "POST"),
        ("POST", "/v1/territories/75/sites/a", "DELETE, GET, HEAD, PUT"),
        ("TRACE", "/v1/territories", "GET, HEAD"),
        ("OPTIONS", "/v1/territories", "GET, HEAD"),
    ]:
        answer = await client.request(method, address)
        assert is_problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == allowed


async def test_no_answer_lets_another_site_read_it(client):
    answer = await client.get("/healthz", headers={"origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_another_sites_page_may_not_write(client):
    for origin in ("https://evil.example", "null", "http://board.test.evil.example", "http://board.test:81", "::"):
        answer = await client.put("/v1/territories/75/sites/a", json={}, headers={"origin": origin})
        assert is_problem(answer, 403, "foreign-origin"), origin
    own = await client.put("/v1/territories/75/sites/a", json={}, headers={"origin": "http://board.test"})
    assert is_problem(own, 422, "invalid-body")


async def test_a_page_that_had_its_name_pointed_at_this_machine_gets_nothing(client):
    for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", "[", ""):
        for method, address in (("GET", "/v1/territories"), ("POST", "/v1/territories/75/reports"), ("GET", "/")):
            answer = await client.request(method, address, headers={"host": host})
            assert is_problem(answer, 421, "foreign-host"), host


async def test_this_machine_is_known_by_its_own_names_and_by_those_of_its_proxy(client):
    for host in (
        "127.0.0.1:8000",
        "localhost",
        "LOCALHOST:80",
        "[::1]:8000",
        "127.0.0.2",
        "board.test",
        "Board.Test:443",
    ):
        assert (await client.get("/healthz", headers={"host": host})).status_code == 200, host


def test_every_problem_has_its_own_stable_type():
    slugs = [kind.slug for kind in PROBLEM_TYPES]
    assert len(set(slugs)) == len(slugs)
    assert all(kind.uri == f"/problems/{kind.slug}" for kind in PROBLEM_TYPES)


def test_every_error_that_a_request_can_meet_is_in_the_table():
    starting = {errors.StartFailed, errors.EngineTooOld}
    # The recorder's, the commands', the picture's own; and what a redirection tells to the page of signing in.
    elsewhere = {"Ledger", "Service", "File", "Ahead", "Identity"}
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, errors.CapacityError) and error is not errors.CapacityError:
            known = error in TABLE or error in starting or any(error.__name__.startswith(word) for word in elsewhere)
            assert known or issubclass(error, errors.StartFailed), error
