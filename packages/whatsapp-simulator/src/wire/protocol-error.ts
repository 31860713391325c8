/** A client sent something that the protocol does not allow. Its connection is closed and `error` is emitted. */
export class ProtocolError extends Error {
  override readonly name: string = "ProtocolError";
}

/** A client speaks a version of the protocol that the simulator does not. The message names it. */
export class ClientNotSupported extends ProtocolError {
  override readonly name = "ClientNotSupported";
}
