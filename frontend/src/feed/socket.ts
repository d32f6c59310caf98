/** A browser WebSocket as the feed wants it: once closed by us it never calls back. */

import type { Position } from "../board/board";
import type { Connection, ConnectionListener } from "./feed";
import { againIn } from "./waits";

export function openSocket(
  territory: string,
  position: Position | null,
  listener: ConnectionListener,
): Connection {
  const url = new URL(`/v1/territories/${encodeURIComponent(territory)}/feed`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  if (position !== null) {
    url.searchParams.set("since", String(position.seq));
    url.searchParams.set("epoch", position.epoch);
  }
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => listener.onMessage(data);
  socket.onclose = ({ reason }) => listener.onClose(againIn(reason));
  return {
    close: () => {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    },
  };
}
