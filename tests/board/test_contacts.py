"""What a household is known by: a key that the salt makes of the code, and codes that the salt makes of the request."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from capacity.board.contacts import contacts_of, household_key
from capacity.vocabulary.codes import is_code
from tests.world import command_id

salts = st.binary(min_size=32, max_size=32)
ids = st.integers(0, 10**9).map(command_id)


@given(salts, salts)
def test_without_the_salt_of_its_night_a_code_says_nothing(salt, other):
    key = household_key(salt, "75", "M4R8")
    assert len(key) == 16
    assert set(key) <= set("0123456789abcdef")
    assert key == household_key(salt, "75", "M4R8")
    assert (key == household_key(other, "75", "M4R8")) == (salt == other)
    assert key not in {household_key(salt, "93", "M4R8"), household_key(salt, "75", "M4R9")}


@given(salts, ids)
def test_a_request_that_is_sent_again_is_offered_the_same_codes(salt, request_id):
    codes = list(contacts_of(salt, request_id))
    assert codes == list(contacts_of(salt, request_id))
    assert all(is_code(code) for code in codes)
    assert [len(code) for code in codes] == [4] * 12 + [6] * 4


def test_the_codes_of_many_requests_are_spread_over_all_there_are():
    codes = {code for n in range(2_000) for code in islice(contacts_of(b"salt", command_id(n)), 12)}
    assert len(codes) > 9_000  # of 10,816
