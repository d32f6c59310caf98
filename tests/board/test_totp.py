"""One-time codes as RFC 6238 gives them, and recovery codes."""

import pytest

from capacity.board.totp import code_of, is_totp, recovery_code, recovery_hash, secret_of, step_at, step_of, uri_of

SECRET = secret_of(b"12345678901234567890")


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_the_codes_of_the_standard(second, code):
    assert code_of(SECRET, step_at(second * 1000), digits=8) == code
    assert step_of(SECRET, code[2:], second * 1000) == second // 30


@pytest.mark.parametrize(("off_seconds", "is_taken"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_that_is_a_little_off_is_forgiven(off_seconds, is_taken):
    now_ms = 1_234_567_890_000
    code = code_of(SECRET, step_at(now_ms + off_seconds * 1000))
    assert (step_of(SECRET, code, now_ms) is not None) == is_taken


def test_a_code_of_the_app_is_told_from_a_recovery_code():
    assert is_totp("492039")
    assert not is_totp("49203")
    assert not is_totp("٤٩٢٠٣٩")
    assert not is_totp(recovery_code(bytes(10)))


def test_a_recovery_code_is_the_same_however_it_is_written():
    code = recovery_code(b"0123456789")
    assert len(code) == 19
    assert recovery_hash(code) == recovery_hash(code.lower().replace("-", " "))
    assert code.replace("-", "") not in recovery_hash(code)


def test_the_app_is_told_all_that_it_needs():
    assert uri_of("ABC", "claire+115@siao.example", "Capacity") == (
        "otpauth://totp/Capacity:claire%2B115%40siao.example?secret=ABC&issuer=Capacity&digits=6&period=30"
    )
