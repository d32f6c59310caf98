"""The book of a night, told from its commands."""

from dataclasses import replace

from capacity.board.requests import Book, Request, Summary

AT = "2026-11-22T22:41:07.120Z"
NOBODY = Summary(0, 0, 0, 0, 0, {}, 0)


def opening(seq, household="a", women=1, children=0, **more):
    return {
        "seq": seq, "id": f"r{seq}", "type": "request_opened", "night": "2026-11-22", "channel": "115", "needs": [],
        "party": {"women": women, "men": 0, "children": children}, "household": household, "observed_at": AT, **more,
    }  # fmt: skip


def closing(seq, request, state, **more):
    return {"seq": seq, "id": f"c{seq}", "type": "request_closed", "request": request, "state": state, **more} | {
        "observed_at": AT
    }


def searching(seq):
    return {"seq": seq, "id": f"s{seq}", "type": "search_empty"}


def book_of(*commands):
    book = Book()
    for command in commands:
        book.hear(command)
    return book


def test_a_night_of_which_nothing_was_heard_adds_up_to_nothing():
    assert book_of().summary() == NOBODY
    assert book_of().newest(10) == []


def test_requests_households_and_persons_are_counted_apart():
    book = book_of(opening(1), opening(2, women=1, children=2), opening(3, "b", women=2), opening(4, women=2))
    assert book.summary() == replace(NOBODY, requests=4, households=2, persons=5, open=4)


def test_each_outcome_is_counted_and_reasons_by_themselves():
    book = book_of(
        *(opening(seq, household=f"h{seq}") for seq in range(1, 6)),
        closing(6, "r1", "oriented", hold="h"),
        closing(7, "r2", "unmet", reason="no_place"),
        closing(8, "r3", "unmet", reason="no_place"),
        closing(9, "r4", "unmet", reason="line_cut"),
        searching(10),
    )
    summary = book.summary()
    assert (summary.open, summary.oriented, summary.empty_searches) == (1, 1, 1)
    assert summary.unmet == {"no_place": 2, "line_cut": 1}
    assert summary.requests == summary.open + summary.oriented + sum(summary.unmet.values())


def test_those_opened_last_come_first_whatever_was_closed_since():
    book = book_of(opening(1), opening(2), opening(3), closing(4, "r1", "unmet", reason="other"))
    assert [request.id for request in book.newest(2)] == ["r3", "r2"]
    assert [request.id for request in book.newest(9)] == ["r3", "r2", "r1"]


def test_a_request_tells_what_became_of_it():
    (request,) = book_of(opening(1, area="75018"), closing(2, "r1", "oriented", hold="h7")).newest(1)
    assert request == Request(
        "r1", 2, AT, "2026-11-22", {"women": 1, "men": 0, "children": 0}, [], "115", "75018", "a",
        state="oriented", hold="h7", closed_at=AT,
    )  # fmt: skip


def test_what_was_heard_already_changes_nothing():
    commands = [opening(1), searching(2), closing(3, "r1", "unmet", reason="no_fit")]
    assert book_of(*commands, *commands).summary() == book_of(*commands).summary()
    assert book_of(*commands, *commands).seq == 3
