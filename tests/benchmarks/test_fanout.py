"""What compares fan-outs has to be right itself: the readers in C, what is made of their words, the picture."""

import socket
import subprocess
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.bed import free_port
from benchmarks.fanout import picture, publishing, results, telling
from benchmarks.fanout.compiled import compiled
from benchmarks.fanout.listening import Entrance, Heard, Listeners, told, unpacked
from benchmarks.fanout.measuring import Measured, cpu_seconds, share
from benchmarks.fanout.missing import PeerMissing
from benchmarks.fanout.peers import LIMIT, OURS
from benchmarks.fanout.results import Results

READERS = 20


@pytest.fixture
def sender() -> Iterator[int]:
    """The port of the C loop."""
    try:
        program = compiled("sender")
    except PeerMissing as reason:
        pytest.skip(str(reason))
    port = free_port()
    with subprocess.Popen([program, str(port)]) as process:
        try:
            deadline = time.monotonic() + 10
            while not _listens(port):
                assert time.monotonic() < deadline
            yield port
        finally:
            process.kill()


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def measured(peer: str, cpu_us: float, *, number: int = 0, readers: int = 1_000, pace: str = "20 a second") -> Measured:
    return Measured(
        peer=peer, readers=readers, deflate=False, pace=pace, round=number, messages=60, cpu_us=cpu_us, load_cpu_us=2.0,
        p50_ms=5.0, p99_ms=cpu_us, kb_a_reader=20.0, bytes_a_delivery=200.0, writes_a_delivery=1.0, is_whole=True,
    )  # fmt: skip


def test_the_readers_tell_when_the_last_of_them_had_each_message(sender: int, tmp_path: Path):
    with (
        Listeners.at(sender, Entrance(), READERS, tmp_path) as crowd,
        publishing.frames(None, sender) as publish,
    ):
        publish(1)
        crowd.wait_for([1], 10)
        crowd.mark()
        before = time.monotonic_ns()
        for number in range(2, 7):
            publish(number)
        heard = crowd.wait_for(range(2, 7), 10)
        assert {number: found.readers for number, found in heard.items()} == dict.fromkeys(range(2, 7), READERS)
        times = [heard[number].last_ns for number in range(2, 7)]
        assert before < times[0] <= times[-1] < time.monotonic_ns()
        assert times == sorted(times)
        assert crowd.stat().message_bytes == 5 * READERS * publishing.MESSAGE_BYTES
        assert 0 < cpu_seconds(crowd.pid) < 10


def test_the_same_bytes_are_told_once_with_the_number_of_their_readers(sender: int, tmp_path: Path):
    with (
        Listeners.at(sender, Entrance(merges=True), READERS, tmp_path) as crowd,
        socket.create_connection(("127.0.0.1", sender)) as line,
    ):
        said = b"POST /frames HTTP/1.1\r\n\r\n"  # and the first frames in the same read
        for text in (b'{"rows":[{"occupied":7},{"occupied":8}]}', b'{"rows":[{"occupied":9}]}'):
            said += bytes((0x81, 126)) + len(text).to_bytes(2, "big") + text
        line.sendall(said)
        heard = crowd.wait_for([7, 8, 9], 10)
        assert {number: found.readers for number, found in heard.items()} == dict.fromkeys((7, 8, 9), READERS)
        assert heard[7] == heard[8]


def test_counts_that_come_to_some_readers_by_another_message_are_added_up():
    heard = told(iter([(3, 50, b'{"occupied":7}'), (2, 40, b'{"occupied":7},{"occupied":8}')]))
    assert heard == {7: Heard(5, 50), 8: Heard(2, 40)}


def test_a_deflated_frame_is_read_as_the_text_that_it_was():
    deflate = zlib.compressobj(1, zlib.DEFLATED, -15)
    packed = deflate.compress(b"a row" * 200) + deflate.flush(zlib.Z_SYNC_FLUSH)
    assert unpacked(0xC1, packed[:-4]) == b"a row" * 200
    assert unpacked(0x81, b"a row") == b"a row"


def test_a_message_has_the_size_that_is_told():
    assert {len(publishing.text(number)) for number in (0, 1_000, 99_999)} == {publishing.MESSAGE_BYTES}


def test_a_ratio_is_taken_only_within_a_round():
    rounds = [
        measured(OURS, 10.0), measured(LIMIT, 8.0),
        measured(OURS, 30.0, number=1), measured(LIMIT, 40.0, number=1),
        measured(OURS, 90.0, number=2),
    ]  # fmt: skip
    figure = next(figure for figure in telling.told(rounds) if LIMIT in figure.name)
    assert list(figure.rounds) == [1.25, 0.75]


def test_a_share_of_the_waits_is_one_that_was_waited():
    assert share([3.0, 1.0, 2.0], 0.99) == 3.0
    assert share([float(n) for n in range(1, 201)], 0.99) == 199.0


def test_pieces_of_a_run_come_together_in_their_file(tmp_path: Path):
    file = tmp_path / "rounds.json"
    assert results.read(file) == Results()
    results.write(file, Results().joined([measured(OURS, 10.0)], {"nchan": "no apt"}, "nginx 1"))
    both = results.read(file)
    assert both.rounds == 1
    both = both.joined([measured(OURS, 11.0, number=both.rounds)], {}, "")
    assert ([one.round for one in both.measured], both.missing, both.versions) == (
        [0, 1],
        {"nchan": "no apt"},
        "nginx 1",
    )


def test_the_picture_draws_a_line_a_peer_and_stays_within_its_frame():
    rounds = [
        measured(peer, cpu_us, readers=readers)
        for peer, cpu_us in ((OURS, 8.0), (LIMIT, 7.0), ("a <peer>", 300.0))
        for readers in (100, 1_000, 5_000)
    ]
    drawn = ET.fromstring(picture.drawn(rounds))
    circles = [one for one in drawn.iter() if one.tag.endswith("circle")]
    assert len(circles) == 2 * 9
    assert all(0 < float(one.get("cx", "")) < picture.WIDTH for one in circles)
    assert all(picture.TOP <= float(one.get("cy", "")) <= picture.TOP + picture.FIELD_HEIGHT for one in circles)
    assert "a <peer>" in {one.text for one in drawn.iter()}
