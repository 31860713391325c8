/** A client sent something that the protocol does not allow. Its connection is dropped and `error` is emitted. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}
