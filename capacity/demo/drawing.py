"""Chance without a dice box: the same words always draw the same number, whatever was drawn before.

A demo that grows by one site leaves all others as they were, which a shared generator could not promise.
"""

from collections.abc import Sequence
from hashlib import blake2b


def draw(*words: str | int) -> float:
    """A number from 0 up to but not including 1, spread evenly over the words."""
    digest = blake2b("/".join(map(str, words)).encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48


def draw_between(least: int, most: int, *words: str | int) -> int:
    """A whole number from `least` to `most`, both included."""
    return least + int(draw(*words) * (most - least + 1))


def spread(total: int, weights: Sequence[float]) -> list[int]:
    """Whole parts that add up to `total` exactly, each within one of its weight's share.

    The largest remainders get what rounding down left over; a tie goes to the earlier one.
    """
    shares = [total * weight / sum(weights) for weight in weights]
    parts = [int(share) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda index: parts[index] - shares[index])
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
