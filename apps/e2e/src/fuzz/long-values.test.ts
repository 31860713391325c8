import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { type OperationDescription, wutsContract } from "@wuts/contract";
import { bodyLimitOf, readConfig } from "@wuts/server/config";
import { afterAll, beforeAll, describe, it } from "vitest";
import { makeFolder, someTokens, startServer } from "../support/worlds.ts";
import { type JsonPlace, jsonPlaces, type Place, textPlaces } from "./places.ts";
import { canCarry, requestsOf } from "./requests.ts";
import { object, schemasOf, typesOf } from "./schemas.ts";
import { unsentSurroundings } from "./unsent-surroundings.ts";
import { type Surroundings, someValidRequests, type ValidRequest, written } from "./valid.ts";
import { openConnection, type WireRequest } from "./wire.ts";

/** The longest that a request may hold up all others, in milliseconds that this thread computes. */
const longestPauseMs = 50;
/** The first may be the one that has code compiled, or memory collected. */
const attempts = 5;

const schemas = schemasOf(wutsContract.document);
const config = readConfig({});
const bodyLimit = (operation: OperationDescription) =>
  bodyLimitOf({ ...config, pictureLimitBytes: 0 }, operation);

const surroundings = unsentSurroundings(schemas, { ...someTokens(), lesserTokens: {}, bodyLimit });

/** Of texts that are long, those that patterns and formats have most to do with: nearly what they take, to the last character. */
const texts = (length: number) =>
  [..." -.()0a+@:/=_é\u00a0", "a@", "0 ", "a.", "-0", "ab:", "%"].flatMap((piece) => {
    const long = piece.repeat(Math.floor(length / Buffer.byteLength(piece)));
    return [long, `${long}\u0000`, `0${long}!`];
  });

describe("However long a value is,", () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let remove: () => Promise<void>;
  let around: Surroundings;

  beforeAll(async () => {
    const made = await makeFolder();
    remove = made.remove;
    server = await startServer(made.folder, { WUTS_MASTER_TOKEN: randomUUID() }, {});
    const { token, masterToken, metricsToken } = server;
    around = { ...surroundings, token, masterToken, metricsToken };
  });
  afterAll(async () => {
    await server?.stop();
    await remove?.();
  });

  for (const [title, makeLong] of distinctPlaces()) {
    it(`${title} is answered without a pause`, async () => {
      for (const [about, request] of makeLong()) await assertNoPause(about, written(request, around));
    });
  }

  async function assertNoPause(about: string, request: WireRequest): Promise<void> {
    const pauses: number[] = [];
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const connection = await openConnection(server.url);
      const asking = connection.ask(request, 60_000);
      const pauseMs = await longestTurnUntil(asking);
      const { status } = await asking;
      connection.close();
      assert.ok(status < 500, `${about}: ${status}`);
      if (pauseMs <= longestPauseMs) return;
      pauses.push(Math.round(pauseMs));
    }
    assert.fail(`${about}: pauses of ${pauses.join(", ")} ms`);
  }
});

/**
 * How long this thread computes at a stretch: what the machine does besides is not counted, however busy it is.
 * @returns milliseconds, of the longest turn of the event loop until `over` resolves
 */
async function longestTurnUntil(over: Promise<unknown>): Promise<number> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  over.then(end, end);
  let longestUs = 0;
  let before = process.threadCpuUsage();
  while (!isOver) {
    await setImmediate();
    const { user, system } = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    longestUs = Math.max(longestUs, user + system);
  }
  return longestUs / 1_000;
}

/** One place in a request for each schema that the contract has for one, with requests in which what is there is long. */
function distinctPlaces(): Map<string, () => [about: string, request: ValidRequest][]> {
  const places = new Map<string, () => [string, ValidRequest][]>();
  const seen = new Set<string>();
  const add = (place: Place, { described }: ValidRequest, longRequests: () => [string, ValidRequest][]) => {
    const schema = JSON.stringify(place.schema);
    if (seen.has(schema)) return;
    seen.add(schema);
    places.set(`${described.operation.operationId}, ${place.name},`, longRequests);
  };
  for (const described of requestsOf(wutsContract, schemas)) {
    for (const request of someValidRequests(described, surroundings).map(plainlyWritten)) {
      for (const place of textPlaces(request, schemas))
        add(place, request, () =>
          texts(urlBytes)
            .filter((text) => canCarry(place.input, text))
            .map((text) => [start(text), place.with(text)]),
        );
      for (const place of jsonPlaces(request, schemas).filter(canBeLong)) {
        const room = bodyLimit(described.operation) - Buffer.byteLength(JSON.stringify(request.body)) - 100;
        add(place, request, () =>
          longValues(place, room).map((value) => [start(JSON.stringify(value)), place.with(value)]),
        );
      }
    }
  }
  return places;
}

/** Of a URL that is percent-encoded throughout, the server reads this many characters of one value. */
const urlBytes = 2_500;

function plainlyWritten(request: ValidRequest): ValidRequest {
  const plain = { percent: "as little as may be", json: "compact", chunked: false } as const;
  return { ...request, writing: { ...request.writing, ...plain } };
}

function canBeLong(place: JsonPlace): boolean {
  return longValues(place, 100).length > 0;
}

/** Values that take so many bytes, of the types that a schema takes. */
function longValues({ schema, value }: JsonPlace, bytes: number): unknown[] {
  const types = typesOf(schema);
  const items = schema.items === undefined ? [] : [Array.isArray(value) ? value[0] : "a", "a", 1, {}, null];
  return [
    ...(types.includes("string") ? texts(bytes) : []),
    ...(types.includes("array")
      ? items.flatMap((item) => {
          const count = Math.floor(bytes / (JSON.stringify(item ?? null).length + 8));
          const same = Array.from({ length: count }, () => item);
          return [same, same.map((each, index) => (typeof each === "string" ? `${each}${index}` : each))];
        })
      : []),
    ...(types.includes("object")
      ? [
          {
            ...object(value),
            ...Object.fromEntries(Array.from({ length: bytes / 14 }, (_, index) => [`key${index}`, 1])),
          },
        ]
      : []),
  ];
}

function start(text: string): string {
  return `${text.length} characters, ${JSON.stringify(text.slice(0, 20))}…`;
}
