import { connectionLost } from "../error.ts";
import type { Deadline } from "./deadline.ts";

/**
 * Reads a body piece by piece. The connection is given up when the reader leaves early, and when the call ends.
 * @throws WutsError `TIMED_OUT`, `ABORTED`, or `NETWORK_ERROR` when the connection is lost
 */
export async function* piecesOf(
  response: Response,
  deadline: Deadline,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const cancel = () => reader.cancel().catch(() => undefined);
  deadline.onEnd(cancel);
  try {
    for (;;) {
      const reading = reader.read().catch((cause: unknown) => {
        throw connectionLost(response, cause);
      });
      const { done, value } = await deadline.wait(reading);
      if (done) return;
      yield value;
    }
  } finally {
    void cancel();
  }
}

/** @returns the whole body, decoded as UTF-8 @throws as `piecesOf` */
export async function textOf(response: Response, deadline: Deadline): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of piecesOf(response, deadline)) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}

/** @returns the whole body, with its media type @throws as `piecesOf` */
export async function blobOf(response: Response, deadline: Deadline): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of piecesOf(response, deadline)) pieces.push(piece);
  return new Blob(pieces, { type: response.headers.get("Content-Type") ?? "" });
}

/** Gives up a body that nothing will read, so that its connection does not stay open. */
export function discard({ body }: Response): void {
  body?.cancel().catch(() => undefined);
}

/** @returns the media type without its parameters, in lower case: media types compare without case (RFC 9110, 8.3.1) */
export function mediaTypeOf({ headers }: Response): string {
  return (headers.get("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}
