"""What a peer is made of may not be had on this machine; then it is left out, and the table says why."""

from pathlib import Path

CACHE = Path(__file__).parents[2] / ".tools" / "fanout"
"""What the benchmark fetched and compiled; `make clean` takes it away."""


class PeerMissing(Exception):
    """A peer cannot be measured here. The message says why and what would help."""
