"""A reader of the harness follows the one rule of the wire: else what it sees would prove nothing."""

import pytest

from tests.faults.readers import Reader


def message(since, seq, *rows, epoch="one", complete=False):
    return {"epoch": epoch, "since": None if complete else since, "seq": seq, "complete": complete, "rows": list(rows)}


def row(pool, seq, **more):
    return {"pool": pool, "seq": seq, **more}


@pytest.fixture
def reader():
    reader = Reader("reader", 1, "75", "")
    reader.take(message(None, 5, row("a", 3), row("b", 5), complete=True))
    return reader


def test_rows_are_put_over_what_was_there_and_those_that_are_gone_go(reader):
    assert reader.take(message(5, 7, row("a", 6), row("b", 7, gone=True)))
    assert (reader.seq, reader.rows) == (7, {"a": row("a", 6)})


def test_a_message_that_starts_later_than_we_are_is_not_taken(reader):
    assert not reader.take(message(6, 7, row("a", 7)))
    assert (reader.seq, reader.rows["a"]) == (5, row("a", 3))


def test_a_message_of_another_epoch_is_taken_only_when_it_is_complete(reader):
    assert not reader.take(message(5, 7, row("a", 7), epoch="two"))
    assert reader.take(message(None, 2, row("c", 2), epoch="two", complete=True))
    assert (reader.epoch, reader.seq, reader.rows) == ("two", 2, {"c": row("c", 2)})
    assert reader.picture().oddities == ()


def test_a_server_that_is_behind_what_we_have_is_odd(reader):
    reader.take(message(3, 4))
    assert reader.picture().oddities == ("went back from 5 to 4",)
