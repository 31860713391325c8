import type { WASocket } from "../protocol/baileys.ts";

/**
 * Calls something without the stacks of the errors that it makes, until it returns: what it does later has them again.
 *
 * For each frame that rc14 encrypts or decrypts it hands Node a key that is bytes, and Node 24 finds out that it is no
 * `KeyObject`, and no `CryptoKey` either, by throwing and catching an error. Their stacks take longer than the encryption.
 */
export function withoutStacks<Result>(work: () => Result): Result {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * Suppresses stack traces while incoming data is handled synchronously, which is its decryption.
 * @param ws of a socket that was just made: until now only Baileys listens to its messages, and its listener never throws
 */
export function suppressStackTraces(ws: WASocket["ws"]): void {
  let { stackTraceLimit } = Error;
  ws.prependListener("message", () => {
    stackTraceLimit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
  });
  ws.on("message", () => {
    Error.stackTraceLimit = stackTraceLimit;
  });
}
