"""Law 8, one reader rule, on values."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.board.changes import Board, RowChange
from capacity.board.picture import Picture, Position
from capacity.errors import AheadOfBoard

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "merge.json").read_text())


def change(pool, seq, gone=False):
    row = {"pool": pool, "seq": seq, "gone": True} if gone else {"pool": pool, "seq": seq, "free": seq % 7}
    return RowChange(pool, seq, json.dumps(row, separators=(",", ":")).encode(), gone)


def picture_of(*changes, epoch="e1"):
    picture = Picture(epoch)
    for one in changes:
        picture.put(one.seq, [one])
    return picture


def merged(board, catchup):
    """The reader's side of the rule, as the golden examples tell it."""
    rows = {} if catchup.is_complete else dict(board)
    for row in map(json.loads, catchup.rows):
        if row.get("gone"):
            rows.pop(row["pool"], None)
        else:
            rows[row["pool"]] = row
    return rows


def test_a_reader_without_a_position_gets_all_rows_and_no_tombstones():
    picture = picture_of(change("a", 1), change("b", 2), change("a", 3, gone=True))
    catchup = picture.rows_since(None)
    assert (catchup.since, catchup.seq, catchup.is_complete) == (None, 3, True)
    assert [json.loads(row)["pool"] for row in catchup.rows] == ["b"]


def test_a_reader_of_another_epoch_gets_all_rows():
    picture = picture_of(change("a", 1), epoch="e2")
    assert picture.rows_since(Position("e1", 1)).is_complete


def test_a_reader_gets_the_rows_stamped_later_oldest_first_with_tombstones():
    picture = picture_of(change("a", 1), change("b", 2), change("c", 3), change("a", 4), change("b", 5, gone=True))
    catchup = picture.rows_since(Position("e1", 2))
    assert (catchup.since, catchup.seq, catchup.is_complete) == (2, 5, False)
    assert [json.loads(row)["seq"] for row in catchup.rows] == [3, 4, 5]


def test_a_reader_that_is_current_needs_nothing():
    assert picture_of(change("a", 1)).rows_since(Position("e1", 1)).rows == []


def test_a_number_without_a_row_moves_the_picture_on():
    picture = picture_of(change("a", 1))
    picture.put(2, [])
    catchup = picture.rows_since(Position("e1", 1))
    assert (catchup.seq, catchup.rows) == (2, [])


def test_a_reader_beyond_the_picture_is_told():
    with pytest.raises(AheadOfBoard):
        picture_of(change("a", 1)).rows_since(Position("e1", 2))


def test_news_that_comes_twice_changes_nothing():
    picture = picture_of(change("a", 1), change("b", 2), change("a", 3))
    picture.put(2, [change("b", 2)])
    picture.put(3, [change("b", 2), change("a", 3)])
    assert [json.loads(row)["seq"] for row in picture.rows_since(Position("e1", 0)).rows] == [2, 3]


def test_the_live_stores_whole_board_makes_the_picture():
    picture = Picture.of(Board("e9", 12, [change("a", 3), change("b", 12, gone=True)]))
    assert picture.position == Position("e9", 12)
    assert [json.loads(row)["pool"] for row in picture.rows_since(None).rows] == ["a"]


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_the_golden_messages_are_what_a_picture_would_say(case):
    """A picture that holds the message's rows gives a reader at `since` exactly this message."""
    message = case["message"]
    picture = Picture(message["epoch"])
    rows = [(json.dumps(row).encode(), row) for row in message["rows"]]
    picture.put(message["seq"], [RowChange(row["pool"], row["seq"], raw, "gone" in row) for raw, row in rows])
    position = None if message["complete"] else Position(message["epoch"], message["since"])
    catchup = picture.rows_since(position)
    assert (catchup.since, catchup.seq, catchup.is_complete) == (
        message["since"],
        message["seq"],
        message["complete"],
    )
    assert sorted(catchup.rows) == sorted(raw for raw, row in rows if "gone" not in row or position)


A_STEP = st.tuples(st.sampled_from("abcdefgh"), st.booleans(), st.booleans(), st.sampled_from("xyz"), st.booleans())


@given(st.lists(A_STEP))
def test_readers_that_catch_up_when_they_like_all_end_with_the_same_board(steps):
    picture = Picture("e1")
    readers = {name: (None, {}) for name in "xyz"}

    def catch_up(name):
        position, board = readers[name]
        catchup = picture.rows_since(position)
        readers[name] = (Position(catchup.epoch, catchup.seq), merged(board, catchup))

    for pool, has_row, gone, name, reads in steps:
        seq = picture.seq + 1
        picture.put(seq, [change(pool, seq, gone)] if has_row else [])
        if reads:
            catch_up(name)
    for name in readers:
        catch_up(name)
    whole = merged({}, picture.rows_since(None))
    assert all(board == whole for _, board in readers.values())
