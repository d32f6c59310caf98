"""Which catch-up that was made for one reader serves another."""

from hypothesis import given
from hypothesis import strategies as st

from capacity.services.frames import Tail
from capacity.services.shelf import MOST_KEPT, SPARE_PART, WORTH_KEEPING_ROWS, Kept, Shelf


def kept(since, seq, rows=800):
    return Kept(since, seq, rows, Tail([]))


def test_a_board_serves_whoever_needs_all_rows_until_too_much_has_moved():
    shelf = Shelf()
    shelf.put(kept(None, 1000))
    assert shelf.find(None, 1100).seq == 1000
    assert shelf.find(None, 1101) is None
    assert shelf.find(999, 1000) is None


def test_a_catch_up_serves_those_a_little_further_and_none_before_it():
    shelf = Shelf()
    shelf.put(kept(100, 1000))
    assert shelf.find(99, 1000) is None
    assert shelf.find(100, 1000)
    assert shelf.find(150, 1050)
    assert shelf.find(150, 1051) is None
    assert shelf.find(None, 1000) is None


def test_nobody_is_served_by_what_ends_before_its_own_position():
    shelf = Shelf()
    shelf.put(kept(100, 110))
    assert shelf.find(111, 111) is None


def test_one_that_lacks_little_is_not_given_much():
    shelf = Shelf()
    shelf.put(kept(100, 1000))
    assert shelf.find(150, 1000)
    for since in (990, 999, 1000):
        assert shelf.find(since, 1000) is None


def test_a_short_one_is_not_worth_keeping():
    shelf = Shelf()
    shelf.put(kept(None, 9, rows=WORTH_KEEPING_ROWS - 1))
    assert shelf.find(None, 9) is None


def test_what_can_serve_nobody_any_more_is_let_go():
    shelf = Shelf()
    for seq in range(0, 10_000, 500):
        shelf.put(kept(seq, seq))
    assert len(shelf._kept) == 1
    for since in range(50):
        shelf.put(kept(since * 200, 10_000))
    assert len(shelf._kept) == MOST_KEPT


def test_short_ones_do_not_push_out_a_board():
    shelf = Shelf()
    shelf.put(kept(None, 1000))
    for since in range(1000, 1080):
        shelf.put(kept(since, 1080, rows=80))
    assert shelf.find(None, 1080).rows == 800


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(64, 900)), max_size=6),
    st.one_of(st.none(), st.integers(0, 300)),
    st.integers(0, 60),
)
def test_whatever_is_found_begins_at_the_reader_or_before_and_wastes_little(made, since, moved):
    shelf, seq = Shelf(), 300 + moved
    for start, rows in made:
        shelf.put(kept(start, 300, rows))
        shelf.put(kept(None, 300, rows))
    found = shelf.find(since, seq)
    if found is not None:
        assert (found.since is None) == (since is None)
        assert since is None or found.since <= since <= found.seq
        if since is None:
            assert seq - found.seq <= found.rows / SPARE_PART
        else:
            assert since - found.since + seq - found.seq <= min(found.rows, found.seq - since) / SPARE_PART
