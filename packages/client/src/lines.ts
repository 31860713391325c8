import { dataOf } from "./data-of.ts";
import { errorFromAnswer, errorWithoutAnswer, unexpectedAnswer } from "./error.ts";
import { WutsError } from "./errors/wuts-error.ts";
import { lineMethods, linesType } from "./generated/answers.gen.ts";
import type { CallOptions } from "./index.ts";

/** The options of a call whose response is NDJSON. */
export interface LineOptions extends CallOptions {
  readonly parseAs: "stream";
  readonly responseStyle: "fields";
  /** A `fetch` without a timeout, since the timeout is for each line here. */
  readonly fetch: typeof fetch;
}

/** A method of the generated client. */
type Method = (parameters: object | undefined, options: LineOptions) => Promise<{ response: Response }>;

/** Adds a `…Stream` method to the generated services for each operation that offers NDJSON. */
export function addStreams(sdk: object, timeoutMs: number, fetch: typeof globalThis.fetch): void {
  for (const [tag, names] of Object.entries(lineMethods)) {
    const service: Record<string, unknown> = Reflect.get(sdk, tag);
    for (const name of names) {
      const method = (service[name] as Method).bind(service);
      service[`${name}Stream`] = (parameters?: object, options: CallOptions = {}) => {
        const ask = (signal: AbortSignal) =>
          method(parameters, {
            headers: { ...options.headers, Accept: linesType },
            signal,
            parseAs: "stream",
            responseStyle: "fields",
            fetch,
          });
        return read(ask, options.signal, timeoutMs);
      };
    }
  }
}

/** @param timeoutMs the limit of the wait for each line; the time that the caller takes for a line does not count */
async function* read(
  ask: (signal: AbortSignal) => Promise<{ response: Response }>,
  ended: AbortSignal | undefined,
  timeoutMs: number,
): AsyncGenerator<unknown> {
  const ours = new AbortController();
  const inTime = async <Result>(work: Promise<Result>): Promise<Result> => {
    const tooLate = new DOMException("no line came in time", "TimeoutError");
    const timer = setTimeout(() => ours.abort(tooLate), timeoutMs);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  };
  try {
    const { response } = await inTime(ask(AbortSignal.any([ours.signal, ...(ended ? [ended] : [])])));
    const lines = linesOf(response);
    for (;;) {
      const { done, value } = await inTime(lines.next());
      if (done) return;
      yield dataIn(response, value);
    }
  } catch (error) {
    const isTooLate = ours.signal.aborted && !ended?.aborted;
    if (error instanceof WutsError && !isTooLate) throw error;
    throw errorWithoutAnswer(isTooLate ? ours.signal.reason : error, ended);
  } finally {
    // The caller stopped reading, so the connection is closed.
    ours.abort();
  }
}

async function* linesOf({ body }: Response): AsyncGenerator<string> {
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let begun = "";
  for (;;) {
    const { done, value } = await reader.read();
    const [last = "", ...whole] = (begun + decoder.decode(value, { stream: !done })).split("\n").reverse();
    yield* whole.reverse();
    begun = last;
    if (!done) continue;
    if (begun !== "") yield begun;
    return;
  }
}

function dataIn(response: Response, line: string): unknown {
  const body = parsed(line);
  if (typeof body === "object" && body !== null && "success" in body && body.success === false)
    throw errorFromAnswer(response, body);
  return dataOf(response, body);

  function parsed(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw unexpectedAnswer(response, error);
    }
  }
}
