"""Judges whether the live store and the ledger are of one history, and says which of them helps the other. Law 6."""

from collections.abc import Iterator

from capacity.commands.checkup import Finding, bad, doubtful, good
from capacity.services.comparing import ADVICE, Standing

SAID = {
    Standing.LOST: "stores: the live store does not have this territory",
    Standing.OLDER: "stores: the live store is an older state of the ledger",
    Standing.APART: "stores: not of one history",
    Standing.LEDGER_OLDER: "stores: the ledger is older than the live store, and cannot catch up",
}
BY_ITSELF = "start `capacity serve`: it rebuilds the territory from the ledger, within seconds"


def check_history(name: str, standing: Standing) -> Iterator[Finding]:
    """What a territory's two stores are to each other."""
    subject = f"territory {name}"
    if standing is Standing.WHOLE:
        yield good(subject, "stores: of one history")
    elif standing is Standing.PARTIAL:
        yield doubtful(subject, "stores: the live store is getting its pools back", BY_ITSELF)
    else:
        yield bad(subject, SAID[standing], ADVICE.get(standing, BY_ITSELF).replace("TERRITORY", f"-t {name}"))
