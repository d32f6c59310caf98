"""Codes as they are said aloud, and the randomness that they are made of."""

import itertools
import secrets

from capacity.vocabulary.codes import LETTERS, is_code, new_code, picking


def test_a_code_is_letters_and_digits_in_turn():
    pick = picking(secrets.token_bytes)
    for pairs, _ in itertools.product((2, 3), range(500)):
        code = new_code(pick, pairs)
        assert len(code) == 2 * pairs
        assert is_code(code)


def test_every_code_is_as_good_as_new():
    pick = picking(secrets.token_bytes)
    assert len({new_code(pick, 3) for _ in range(2_000)}) > 1_990


def test_randomness_is_asked_for_a_thousand_signs_at_a_time_and_used_once():
    asked = []

    def random_bytes(number):
        asked.append(number)
        return bytes(n % 256 for n in range(number))

    pick = picking(random_bytes)
    picked = [pick(LETTERS) for _ in range(2_048)]
    assert asked == [1_024, 1_024]
    assert picked == [LETTERS[n % 256 % len(LETTERS)] for n in range(1_024)] * 2
