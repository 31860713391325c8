import { piecesOf } from "./calls/body.ts";
import { assertLines, parsed, type Sender, send, startSending } from "./calls/call.ts";
import type { PreparedRequest } from "./calls/request.ts";
import { dataOf } from "./data-of.ts";
import { errorFromAnswer } from "./error.ts";
import { lineMethods } from "./generated/answers.gen.ts";
import type { Limits } from "./settings.ts";

/** A method of the generated services. */
type Method = (parameters: object | undefined, options: object | undefined) => unknown;

/**
 * Adds a `…Stream` method to the generated services for each operation that offers NDJSON.
 * @param lines the same services, whose methods read line by line
 */
export function addStreams(sdk: object, lines: object): void {
  for (const [tag, names] of Object.entries(lineMethods)) {
    const service: Record<string, unknown> = Reflect.get(sdk, tag);
    const reading: Record<string, Method> = Reflect.get(lines, tag);
    for (const name of names)
      service[`${name}Stream`] = (parameters?: object, options?: object) =>
        reading[name]?.(parameters, options);
  }
}

/**
 * Sends a request and reads the response line by line. The time that the caller takes for a line does not count.
 * @param limits `timeoutMs` is the limit of the wait for each line
 */
export async function* readLines(
  sender: Sender,
  request: PreparedRequest,
  limits: Limits,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown> {
  const sending = startSending(sender, request, signal);
  const { deadline, log } = sending;
  const inTime = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    deadline.start(limits.timeoutMs);
    try {
      return await work();
    } finally {
      deadline.stop();
    }
  };
  try {
    const response = await inTime(() =>
      send(sending, limits, async (answered) => {
        assertLines(answered);
        return answered;
      }),
    );
    const lines = linesOf(piecesOf(response, deadline));
    try {
      for (;;) {
        const { done, value } = await inTime(() => lines.next());
        if (done) return;
        yield dataIn(response, value);
      }
    } finally {
      // The caller stopped reading, so the connection is closed.
      await lines.return(undefined);
    }
  } catch (error) {
    log.failed(error);
    throw error;
  } finally {
    deadline.release();
  }
}

async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun = "";
  for await (const piece of pieces) {
    const [last = "", ...whole] = (begun + decoder.decode(piece, { stream: true })).split("\n").reverse();
    yield* whole.reverse();
    begun = last;
  }
  begun += decoder.decode();
  if (begun !== "") yield begun;
}

function dataIn(response: Response, line: string): unknown {
  const body = parsed(response, line);
  if (typeof body === "object" && body !== null && "success" in body && body.success === false)
    throw errorFromAnswer(response, body);
  return dataOf(response, body);
}
