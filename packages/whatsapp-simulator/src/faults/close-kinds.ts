import type { ClientConnection } from "../wire/client-connection.ts";
import { element } from "../wire/stanza.ts";

/**
 * The ways in which WhatsApp ends a connection, and what rc14 then reports as the status code of the close
 * (proven on loopback; `downgraded` and `bad-session` are read in Socket/socket.ts and Utils/generics.ts).
 */
export const CLOSE_KINDS = {
  /** 515: reconnect at once. */
  "restart-required": (connection: ClientConnection) => connection.endWith(streamError("515")),
  /** 503: reconnect later. */
  "service-unavailable": (connection: ClientConnection) => connection.endWith(streamError("503")),
  /** 440: another connection logged in as the same device. */
  replaced: (connection: ClientConnection) =>
    connection.endWith(element("stream:error", {}, [element("conflict", { type: "replaced" })])),
  /** 401: unlinked on the phone. */
  removed: (connection: ClientConnection) =>
    connection.endWith(
      element("stream:error", { code: "401" }, [element("conflict", { type: "device_removed" })]),
    ),
  /** 440: as `removed`, but without a code; rc14 takes every conflict without one for a replacement. */
  "removed-without-code": (connection: ClientConnection) =>
    connection.endWith(element("stream:error", {}, [element("conflict", { type: "device_removed" })])),
  /** 411: the account left multi-device. */
  downgraded: (connection: ClientConnection) =>
    connection.endWith(element("ib", {}, [element("downgrade_webclient")])),
  /** 500: a stream error that the client does not know. */
  "bad-session": (connection: ClientConnection) =>
    connection.endWith(element("stream:error", {}, [element("xml-not-well-formed")])),
  /** 428: the server ends the stream. */
  xmlstreamend: (connection: ClientConnection) => connection.endWith(element("xmlstreamend")),
  /** 428: the TCP connection is cut. */
  "tcp-drop": (connection: ClientConnection) => connection.drop(),
  /** 408: nothing is answered any more, until the client's keep-alive gives up. */
  "timed-out": (connection: ClientConnection) => connection.goSilent(),
  /** 408: as `timed-out`, but even that the client closes the WebSocket is not answered. */
  unplugged: (connection: ClientConnection) => connection.unplug(),
} as const;

export type CloseKind = keyof typeof CLOSE_KINDS;

function streamError(code: string) {
  return element("stream:error", { code });
}
