"""A lane: uvicorn's WebSocket connection that also takes ready frames.

The server's own road for a message is an ASGI event, a coroutine and a codec for each connection. A lane, lent to
the endpoint through the ASGI scope, writes bytes that were framed once for everybody straight to the transport,
and tells when the connection stops and starts to drain. Handshake, control frames and close stay the server's.
"""

import asyncio
import socket
from collections.abc import Callable
from random import random
from typing import Any, Protocol, cast

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import SecurityError
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import Frame
from websockets.protocol import State
from websockets.server import ServerProtocol

from capacity.services.waves import come_again
from capacity.web.refused import refused
from capacity.wire.problems import BAD_REQUEST, HEADERS_TOO_LARGE

EXTENSION = "capacity.lane"
"""The name of the ASGI extension that lends a connection's lane: `{"lane": LaneProtocol}`."""
KERNEL_BUFFER_BYTES = 64 * 1024
"""What the kernel may hold for one reader. Left to itself it takes megabytes of stale news for one that sleeps."""
LINGER_SECONDS = 60.0
"""How long a closed connection may take to read what was sent before it is cut."""
GOODBYE_SECONDS = 1.0
"""The same at shutdown."""
PING_SECONDS, PONG_SECONDS = 15.0, 60.0
"""How often a peer is asked whether it still reads, and how long it may take to say so."""
STOPPED_READING = 1013
GOING_AWAY = 1012
NOT_TEXT = 1007
TOO_BIG = 1009
MOST_FRAGMENTS = 256
"""Of one message of a client, which is not read anyway."""


class Watcher(Protocol):
    """Who sits on a lane, and is told of its connection."""

    def pause(self) -> None:
        """It no longer drains."""

    def resume(self) -> None:
        """It has drained."""

    def hear(self, said_bytes: int) -> None:
        """The client has said so much; it is not kept."""

    def end(self) -> None:
        """It ends, and nothing may be written any more. Told once."""


class _Nowhere:
    """Stands in for the queue and the event of a connection on which nobody waits: together they are 4 kB."""

    def put_nowait(self, _event: object) -> None:
        """Nobody takes it."""


class _Flag:
    """Whether the connection drains; nobody waits for it either."""

    __slots__ = ("_is_set",)

    def __init__(self, is_set: bool) -> None:
        self._is_set = is_set

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True

    def clear(self) -> None:
        self._is_set = False


_NOWHERE: Any = _Nowhere()


class LaneProtocol(WebSocketsSansIOProtocol):
    """One connection; give this class to uvicorn as `ws`.

    Deflating without context takeover costs no memory a connection, and lets shared bytes be read by all.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        deflate = ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)
        self.conn = ServerProtocol(
            extensions=[deflate] if config.ws_per_message_deflate else [],
            max_size=config.ws_max_size,
            logger=self.logger,
        )
        self._watcher: Watcher | None = None
        self._fragments = 0
        self._is_kept = False

    # What the endpoint is lent

    @property
    def window_bits(self) -> int:
        """The window that this connection inflates with, 9 to 15; 0 when it takes plain frames only."""
        for extension in self.conn.extensions:
            if isinstance(extension, PerMessageDeflate):
                return extension.local_max_window_bits
        return 0

    @property
    def is_closing(self) -> bool:
        """Nothing can be written any more."""
        return self.disconnected or self.close_sent or self.transport.is_closing()

    @property
    def write(self) -> Callable[[bytes], None]:
        """Takes whole frames as bytes and never waits."""
        return self.transport.write

    def keep(self, watcher: Watcher) -> None:
        """Stay open for `watcher` when the endpoint has returned, and tell it what happens.

        The endpoint's coroutines, its task and the handshake are let go: they are two thirds of what a connection
        takes, and all that a reader needs is a transport.
        """
        self._watcher = watcher
        self._is_kept = True

    def buffered_bytes(self) -> int:
        """What the kernel has not yet taken."""
        return self.transport.get_write_buffer_size()

    def close(self, code: int, reason: str) -> None:
        """Say goodbye behind what was written, and cut the connection when it was not heard in time."""
        if self.is_closing or self.conn.state is not State.OPEN:
            return
        self._end()
        self.conn.send_close(code, reason)
        self._say_goodbye(code, reason)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    # What the server and the transport tell

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=0)  # any byte that the kernel refuses means: not drained
        connection = self.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        connections = getattr(self.config, "connections", None)  # those of our own server; it was counted there
        if connections is not None:
            connections.leave(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A handshake that `websockets` cannot read gets an answer and an end; uvicorn would wait for ever."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated and not self.transport.is_closing():
            is_large = isinstance(self.conn.handshake_exc, SecurityError)
            kind = HEADERS_TOO_LARGE if is_large else BAD_REQUEST
            self.transport.write(refused(kind, is_https=self.scheme == "wss"))
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._watcher is not None:
            self._watcher.pause()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._watcher is not None:
            self._watcher.resume()

    async def run_asgi(self) -> None:
        """As the server does it, but that a connection which is kept does not end with the endpoint."""
        self.scope["extensions"][EXTENSION] = {"lane": self}
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
            self._is_kept = False
        if not self.handshake_complete:
            self.logger.error("The endpoint has returned without an answer.")
            self.send_500_response()
        if self._is_kept:
            self._let_go()
        elif self.close_timer is None:
            self.transport.close()

    def _let_go(self) -> None:
        self.queue, self.writable = _NOWHERE, cast("Any", _Flag(self.writable.is_set()))
        del self.scope, self.request, self.response

    def send_receive_event_to_app(self) -> None:
        """What a client says is only counted where nobody listens; text that is none is no error for our log."""
        if self.curr_msg_data_type == "text" and not _is_text(b"".join(self.frames)):
            self.frames = []
            self.close(NOT_TEXT, "not UTF-8")
            return
        said_bytes = sum(map(len, self.frames))
        super().send_receive_event_to_app()
        if not self._is_kept:
            return
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        if self._watcher is not None:
            self._watcher.hear(said_bytes)

    async def send(self, message: Any) -> None:
        await super().send(message)
        if self.close_sent or self.transport.is_closing():
            self.handshake_complete = True  # refused, or left meanwhile: else the log has an error of the server

    def shutdown(self) -> None:
        """Say 1012 and when to come again, also to who does not read: it may still hear it in `GOODBYE_SECONDS`."""
        self._end()
        self.loop.call_later(GOODBYE_SECONDS, self.transport.abort)
        if self.transport.is_closing():
            return
        if self.handshake_complete and not self.close_sent:
            reason = come_again(len(self.connections), random())  # noqa: S311 a wait protects nothing
            self.conn.send_close(GOING_AWAY, reason)
            self._say_goodbye(GOING_AWAY, reason)
        super().shutdown()

    def eof_received(self) -> None:
        self._end()
        super().eof_received()
        self.loop.call_later(GOODBYE_SECONDS, self.transport.abort)

    def handle_text(self, event: Frame) -> None:
        self._fragments = 0
        super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        self._fragments = 0
        super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        """A message may have no end and still no size: each empty piece of it would be kept."""
        self._fragments += 1
        if self._fragments > MOST_FRAGMENTS:
            self.close(TOO_BIG, "too many fragments")
            return
        super().handle_cont(event)

    def handle_ping(self) -> None:
        """A pong for who reads; one who pings and does not read would fill our memory with pongs."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_close(self, event: Frame) -> None:
        self._end()
        super().handle_close(event)
        self.loop.call_later(GOODBYE_SECONDS, self.transport.abort)

    def keepalive_timeout(self) -> None:
        """No pong came: the peer reads no more, however much the kernels hold between us."""
        self.pong_timer = None
        self.close(STOPPED_READING, "stopped reading")

    def handle_parser_exception(self) -> None:
        """Say what was wrong, then hear the rest out unread: cut at once, the reason can be lost with it."""
        if self.close_sent:
            return
        self._end()
        said = self.conn.close_sent
        if said is None:
            self.transport.close()
            return
        self._say_goodbye(said.code, said.reason)
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _say_goodbye(self, code: int, reason: str) -> None:
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _end(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.end()


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
