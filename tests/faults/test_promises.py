"""The checker names every breach that is planted, and nothing in a history that has none."""

import pytest

from capacity.board.clocks import rfc3339
from tests.faults.history import Accepted, History, Kept, Picture
from tests.faults.promises import PROMISES, breaches_of
from tests.world import NOW_MS, command_id

POOL = "halte.women"
AT = rfc3339(NOW_MS)


def row(seq, *, occupied=0, held=0, capacity=5):
    left = capacity - occupied - held
    return {
        "pool": POOL, "seq": seq, "capacity": capacity, "occupied": occupied, "held": held,
        "free": max(0, left), "over": max(0, -left),
    }  # fmt: skip


def command(seq, kind, **said):
    return {"seq": seq, "id": command_id(seq), "type": kind, "observed_at": AT, **said}


def hold(seq, kind, places=2, made_by=None):
    return command(seq, kind, hold=command_id(made_by or seq), lines=[{"pool": POOL, "places": places}])


LEDGER = (
    Kept(1, command(1, "pool_opened", pool=POOL), (row(1),)),
    Kept(2, command(2, "count", pool=POOL), (row(2, occupied=1),)),
    Kept(3, hold(3, "hold_created"), (row(3, occupied=1, held=2),)),
    Kept(4, command(4, "movement", pool=POOL), ()),
    Kept(5, hold(5, "hold_released", made_by=3), (row(5, occupied=1),)),
    Kept(6, hold(6, "hold_created"), (row(6, occupied=1, held=2),)),
)


def history(**changes):
    """A history in which all is well, but for what is planted."""
    last = {POOL: row(6, occupied=1, held=2)}
    well = {
        "accepted": tuple(Accepted(command_id(seq), seq) for seq in (2, 3, 5, 6)),
        "refused": frozenset({command_id(90)}),
        "given_up": frozenset({command_id(4), command_id(91)}),
        "unanswered": (),
        "ledger": LEDGER,
        "boards": (Picture("server 1", 6, last), Picture("server 2", 6, last)),
        "readers": (Picture("reader 1", 6, last),),
        "holds": ({"id": command_id(6), "lines": [{"pool": POOL, "places": 2}]},),
        "pools": {POOL: 5},
        "began_ms": NOW_MS - 1_000,
        "ended_ms": NOW_MS + 1_000,
    }
    return History(**{**well, **changes})


def without(seq):
    return tuple(kept for kept in LEDGER if kept.seq != seq)


def instead(*kept):
    by_seq = {each.seq: each for each in LEDGER} | {each.seq: each for each in kept}
    return tuple(by_seq[seq] for seq in sorted(by_seq))


def seen(seq=6, who="reader 1", **fields):
    return Picture(who, seq, {POOL: row(seq, **fields)})


def test_a_round_in_which_all_was_kept_has_no_breach():
    assert breaches_of(history()) == {}


PLANTED = {
    "an acknowledged command is lost": ({"ledger": without(2)}, {"kept", "no gap", "promised once"}),
    "an acknowledged command is lost, and another one has its number": (
        {"ledger": instead(Kept(2, command(2, "count", pool=POOL, id=command_id(4)), (row(2, occupied=1),)))},
        {"kept", "once"},
    ),
    "a command is kept under another number than was told": (
        {"accepted": (Accepted(command_id(2), 3),)}, {"kept", "once"},
    ),
    "a command that was given up took effect twice": (
        {"ledger": instead(Kept(2, command(2, "movement", pool=POOL, id=command_id(4)), (row(2, occupied=1),))),
         "accepted": tuple(Accepted(command_id(seq), seq) for seq in (3, 5, 6))},
        {"once"},
    ),
    "a refused command took effect": ({"refused": frozenset({command_id(4)})}, {"once"}),
    "nobody sent what was kept": ({"given_up": frozenset()}, {"once"}),
    "a number was given twice": ({"ledger": (*LEDGER[:2], LEDGER[1], *LEDGER[2:])}, {"no gap", "once"}),
    "two numbers are in the wrong order": (
        {"ledger": (*LEDGER[:3], LEDGER[4], LEDGER[3], LEDGER[5])}, {"no gap"},
    ),
    "two commands have each other's number": (
        {"ledger": instead(Kept(2, LEDGER[3].command, LEDGER[1].rows), Kept(4, LEDGER[1].command, ()))},
        {"kept", "no gap"},
    ),
    "the ledger ends before the board": (
        {"ledger": LEDGER[:-1]}, {"kept", "no gap", "held", "board"},
    ),
    "a row shows more held than its holds": (
        {"ledger": instead(Kept(4, LEDGER[3].command, (row(4, occupied=1, held=3),)))}, {"held"},
    ),
    "the board shows another held than the active holds": ({"holds": ()}, {"held"}),
    "a hold ended twice": (
        {"ledger": instead(Kept(4, hold(4, "hold_expired", made_by=3), (row(4, occupied=1),)))}, {"held"},
    ),
    "one place was promised twice": (
        {"ledger": instead(
            Kept(2, LEDGER[1].command, (row(2, occupied=4),)), Kept(3, LEDGER[2].command, (row(3, occupied=4, held=2),))
        )},
        {"promised once"},
    ),
    "a hold was granted and its place left free": (
        {"ledger": instead(Kept(3, LEDGER[2].command, (row(3, occupied=1, held=2) | {"free": 3},)))},
        {"promised once"},
    ),
    "a reader missed a row": ({"readers": (seen(held=1, occupied=1),)}, {"readers"}),
    "a reader is behind": ({"readers": (seen(5, occupied=1),)}, {"readers"}),
    "a reader went back": (
        {"readers": (Picture("reader 1", 6, {POOL: row(6, occupied=1, held=2)}, ("went back from 6 to 5",)),)},
        {"readers"},
    ),
    "one server shows another board": (
        {"boards": (history().boards[0], seen(who="server 2", held=2, occupied=2))}, {"board"},
    ),
    "a pool of the registry is not on the board": ({"pools": {POOL: 5, "halte.families": 3}}, {"board"}),
    "a wrong clock was believed": ({"began_ms": NOW_MS + 60_000, "ended_ms": NOW_MS + 61_000}, {"clocks"}),
    "somebody never got an answer": ({"unanswered": (command_id(92),)}, {"answered"}),
    "the checkup found something": ({"findings": ("the stream has a gap",)}, {"doctor"}),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "broken"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_breach_is_named(changes, broken):
    assert breaches_of(history(**changes)).keys() == broken


def test_every_promise_has_been_seen_to_fail():
    assert set().union(*(broken for _, broken in PLANTED.values())) == PROMISES.keys()


def test_a_breach_says_which_command_it_is():
    (said,) = breaches_of(history(ledger=without(2)))["kept"]
    assert said == f"accepted and lost: {command_id(2)}"
