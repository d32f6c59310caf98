"""What a WebSocket client makes of the frames that we write ourselves."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Opcode
from websockets.protocol import Protocol, Side

from capacity.board.picture import Catchup
from capacity.services.frames import PLAIN, TEXT, WORTH_DEFLATING_BYTES, Message, Tail

NOW_MS = 1_795_387_267_120
ROW = b'{"pool":"a","seq":%d,"free":2,"note":"%s"}'


def rows(count, padding=60):
    return [ROW % (seq, b"p" * padding) for seq in range(1, count + 1)]


def message(count, since=None):
    return Message(Catchup("e1", since, count, rows(count)), NOW_MS)


def read(frames, window_bits):
    """The texts that a client reads, by the library's own reader."""
    client = Protocol(Side.CLIENT, max_size=None)
    if window_bits:
        client.extensions = [PerMessageDeflate(False, False, window_bits, 15)]
    client.receive_data(b"".join(frames))
    assert client.parser_exc is None
    events = client.events_received()
    assert all(event.opcode is Opcode.TEXT and event.fin for event in events)
    return [json.loads(bytes(event.data)) for event in events]


def test_a_message_has_the_boards_one_shape():
    assert json.loads(message(1, since=0).text) == {
        "epoch": "e1",
        "since": 0,
        "seq": 1,
        "server_time": "2026-11-22T22:41:07.120Z",
        "complete": False,
        "rows": [json.loads(rows(1)[0])],
    }


def test_a_complete_message_has_no_since():
    said = json.loads(message(0).text)
    assert (said["since"], said["complete"], said["rows"]) == (None, True, [])


def test_an_epoch_cannot_break_the_json():
    assert json.loads(Message(Catchup('a"b\\é', 0, 1, []), NOW_MS).text)["epoch"] == 'a"b\\é'


@pytest.mark.parametrize("count", [0, 1, 2, 5, 300, 1000])
@pytest.mark.parametrize("form", [PLAIN, 9, 12, 15])
def test_a_client_reads_what_was_said(form, count):
    said = message(count)
    assert read([said.encoded(form)], form) == [json.loads(said.text)]


@given(st.lists(st.integers(0, 400), max_size=8), st.integers(9, 15), st.data())
def test_a_client_that_keeps_its_context_reads_every_message_of_a_row(counts, form, data):
    """Deflated with a smaller window than the client's, with plain frames between: any context can read it."""
    said = [message(count) for count in counts]
    window_bits = data.draw(st.integers(form, 15))
    assert read([one.encoded(form) for one in said], window_bits) == [json.loads(one.text) for one in said]


def test_a_small_message_is_not_deflated():
    small, big = message(1), message(50)
    assert small.encoded(15) == small.encoded(PLAIN)
    assert len(big.text) > WORTH_DEFLATING_BYTES
    assert len(big.encoded(15)) < len(big.text) / 4


def test_all_readers_of_a_form_share_the_same_bytes():
    said = message(50)
    for form in (TEXT, PLAIN, 9, 15):
        assert said.encoded(form) is said.encoded(form)


def test_messages_that_share_a_tail_tell_each_its_own_time():
    tail = Tail(rows(50))
    catchup = Catchup("e1", None, 50, rows(50))
    first, second = Message(catchup, NOW_MS, tail), Message(catchup, NOW_MS + 1, tail)
    assert tail.deflated(15) is tail.deflated(15)
    times = [one["server_time"] for one in read([first.encoded(15), second.encoded(15)], 15)]
    assert times == ["2026-11-22T22:41:07.120Z", "2026-11-22T22:41:07.121Z"]
