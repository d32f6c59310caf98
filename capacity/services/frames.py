"""The bytes of the board's one shape, made once and shared by every reader that needs the same.

A message is a head of its own (positions, the server's time) and a tail (the rows) that it may share with
others. Rows go through as the live store wrote them. A form says what a connection takes: a bare text, a text
frame, or a deflated one. A deflated frame carries its head as a stored block and a tail that was deflated with
a fresh window, so that any context can read it, and a snapshot is deflated once however many readers join.
"""

import json
import zlib

from capacity.board.clocks import rfc3339
from capacity.board.picture import Catchup

TEXT = -1
"""The form for an ASGI server that makes its own frames: the message's text alone."""
PLAIN = 0
"""The form of a WebSocket frame as it is. Any greater form is a frame deflated for that many window bits."""

WORTH_DEFLATING_BYTES = 512
DEFLATE_LEVEL = 1
_TEXT_FRAME, _DEFLATED_TEXT_FRAME = 0x81, 0xC1  # FIN and opcode 1; the second with RSV1


class Tail:
    """The rows of a message and what closes it, deflated at most once for each size of window."""

    __slots__ = ("_deflated", "text")

    def __init__(self, rows: list[bytes]) -> None:
        self.text = b",".join(rows) + b"]}"
        self._deflated: dict[int, bytes] = {}

    def deflated(self, window_bits: int) -> bytes:
        """Raw deflate blocks that refer to nothing before them, without the empty block that ends a flush."""
        if window_bits not in self._deflated:
            deflate = zlib.compressobj(DEFLATE_LEVEL, zlib.DEFLATED, -window_bits)
            blocks = deflate.compress(self.text) + deflate.flush(zlib.Z_SYNC_FLUSH)
            self._deflated[window_bits] = blocks[:-4]
        return self._deflated[window_bits]


class Message:
    """One message of the feed or one answer of `GET board`; all readers of a form get the same bytes."""

    __slots__ = ("_encoded", "_head", "seq", "tail")

    def __init__(self, catchup: Catchup, now_ms: int, tail: Tail | None = None) -> None:
        """`tail` is that of the same rows, when it was made already. `now_ms` is the server's time."""
        self.seq = catchup.seq
        self._head = _head(catchup, now_ms)
        self.tail = Tail(catchup.rows) if tail is None else tail
        self._encoded: dict[int, bytes] = {}

    @property
    def text(self) -> bytes:
        """The JSON alone."""
        return self.encoded(TEXT)

    def encoded(self, form: int) -> bytes:
        """The bytes for every connection of this form."""
        if form not in self._encoded:
            self._encoded[form] = self._encode(form)
        return self._encoded[form]

    def _encode(self, form: int) -> bytes:
        if form == TEXT:
            return self._head + self.tail.text
        if form == PLAIN or len(self.tail.text) < WORTH_DEFLATING_BYTES:
            return _framed(_TEXT_FRAME, self._head + self.tail.text)
        return _framed(_DEFLATED_TEXT_FRAME, _stored(self._head) + self.tail.deflated(form))


def _head(catchup: Catchup, now_ms: int) -> bytes:
    since = "null" if catchup.since is None else catchup.since
    return (
        f'{{"epoch":{json.dumps(catchup.epoch)},"since":{since},"seq":{catchup.seq},'
        f'"server_time":"{rfc3339(now_ms)}","complete":{json.dumps(catchup.is_complete)},"rows":['
    ).encode()


def _stored(head: bytes) -> bytes:
    """A deflate block that holds bytes as they are; its length is told twice, the second time inverted."""
    length = len(head)
    return b"\x00" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + head


def _framed(first: int, payload: bytes) -> bytes:
    """One unmasked WebSocket frame. Source: RFC 6455, 5.2."""
    length = len(payload)
    if length < 126:
        return bytes((first, length)) + payload
    if length < 1 << 16:
        return bytes((first, 126)) + length.to_bytes(2, "big") + payload
    return bytes((first, 127)) + length.to_bytes(8, "big") + payload
