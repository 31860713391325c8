import autocannon from "autocannon";
import { numbers } from "./accounts.ts";

/** A measured way to ask for a picture over HTTP. */
export interface Variant {
  readonly name: string;
  /** Of its server, without a slash at the end. */
  readonly url: string;
  /** The part before the number. */
  readonly path: string;
  /** The devices to ask through in turn, when there are several. */
  readonly deviceIds?: readonly string[];
  readonly headers: Record<string, string>;
  /** @returns the picture's URL out of a parsed answer */
  readonly pictureUrl: (answer: unknown) => unknown;
}

/** For so many seconds, or for so many requests: those take as long as the machine needs. */
export type Limit = { readonly seconds: number } | { readonly requests: number };

export interface Load {
  readonly connections: number;
  readonly limit: Limit;
}

/** The result of a load. */
export interface Measured {
  readonly answers: number;
  readonly answersPerSecond: number;
  /** Milliseconds from writing a request to having its whole answer, one for each answer. */
  readonly latencies: readonly number[];
}

const requestTimeoutSeconds = 5;

/**
 * Asks without a pause over each connection. Connections share the numbers out and go through their own ones in turn, so
 * no two questions that are under way at once are the same.
 * @throws Error when anything but 200 with a picture's URL is answered
 */
export async function applyLoad(variant: Variant, load: Load, signal: AbortSignal): Promise<Measured> {
  signal.throwIfAborted();
  const latencies: number[] = [];
  let connection = 0;
  let firstAt = 0;
  let lastAt = 0;
  let badAnswer: string | undefined;

  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const running = autocannon(
      {
        url: variant.url,
        headers: variant.headers,
        connections: load.connections,
        ...("seconds" in load.limit ? { duration: load.limit.seconds } : { amount: load.limit.requests }),
        timeout: requestTimeoutSeconds,
        bailout: 1,
        sampleInt: 100,
        setupClient: (client) => {
          client.setRequests(requestsOf(variant, connection, load.connections));
          connection += 1;
        },
        verifyBody: (body) => {
          const good = isUrl(variant.pictureUrl(parsed(body)));
          if (!good) badAnswer ??= String(body);
          return good;
        },
      },
      (error, done) => (error ? reject(error) : resolve(done)),
    );
    // autocannon's own histogram knows whole milliseconds only.
    running.on("response", (_client, _status, _bytes, milliseconds) => {
      lastAt = performance.now();
      if (latencies.length === 0) firstAt = lastAt;
      latencies.push(milliseconds);
    });
    signal.addEventListener("abort", () => running.stop(), { once: true });
  });

  signal.throwIfAborted();
  const { errors, mismatches } = result;
  const not200 = latencies.length - (result.statusCodeStats?.["200"]?.count ?? 0);
  if (errors + mismatches + not200 > 0) {
    throw new Error(
      `${variant.name}: of ${latencies.length} answers ${not200} were not 200 and ${mismatches} held no picture, ` +
        `${errors} requests had no answer${badAnswer === undefined ? "" : `; one answer: ${badAnswer}`}`,
    );
  }
  if (latencies.length < 2) throw new Error(`${variant.name}: too few answers to measure`);
  // From answer to answer: making connections and building requests is not what is measured.
  const answersPerSecond = ((latencies.length - 1) * 1_000) / (lastAt - firstAt);
  return { answers: latencies.length, answersPerSecond, latencies };
}

function requestsOf(
  { path, deviceIds = [] }: Variant,
  connection: number,
  connections: number,
): autocannon.Request[] {
  const own = numbers.filter((_, index) => index % connections === connection);
  if (deviceIds.length === 0) return own.map((number) => ({ path: `${path}${number}` }));
  // Each connection goes through all devices, and begins with one of its own.
  return deviceIds.map((_, turn) => {
    const deviceId = deviceIds[(turn + connection) % deviceIds.length];
    return { path: `${path}${own[turn % own.length]}&device_id=${deviceId}` };
  });
}

function parsed(body: string | Buffer | undefined): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return undefined;
  }
}

function isUrl(url: unknown): boolean {
  return typeof url === "string" && URL.canParse(url);
}
