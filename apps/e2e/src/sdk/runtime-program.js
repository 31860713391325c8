import { createWuts, WutsError } from "@wuts/client";

/*
 * A program that has `@wuts/client` installed, for each runtime in which the client works. It is told what to do and by which
 * server, and prints what came of it as JSON.
 *
 * @import { CallOptions, Wuts, WutsLogEvent, WutsOptions } from "@wuts/client"
 */
const [name = "", baseUrl = ""] = globalThis.process?.argv.slice(2) ?? [];
const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const numbers = ["5511999999999"];
const reception = { name: "Reception" };

/** Long enough for garbage collections, and for the slowest machine to begin a response. */
const timeoutMs = 1_000;

/** @type {Record<string, () => unknown>} */
const programs = {
  "a call, and timeoutMs": () => ending((wuts) => wuts.devices.list({}, { timeoutMs })),
  "a call, and its signal": () => ending((wuts) => wuts.devices.list({}, { signal: soonAborted() })),
  "a stream, and timeoutMs": () => ending((wuts) => readAll(wuts, { timeoutMs })),
  "a stream, and its signal": () => ending((wuts) => readAll(wuts, { signal: soonAborted() })),
  async "a stream that is left early"() {
    for await (const _ of createWuts({ baseUrl, token }).contacts.lookUpProfilePicturesStream({ numbers })) {
      await garbageCollected();
      break;
    }
    return { closed: await isClosed() };
  },
  async "a stream that is answered with something else"() {
    const error = await errorOf(readAll(createWuts({ baseUrl, token })));
    // What is not caught ends the program, now or when garbage is collected.
    await garbageCollected();
    return error.code;
  },
  "options that cannot be used": () =>
    [
      ...[
        "localhost:3000",
        "",
        "ftp://127.0.0.1",
        "https://ana:secret@127.0.0.1",
        "http://127.0.0.1?a=1",
      ].map((wrong) => ({ baseUrl: wrong })),
      ...["", " ", "two words"].map((wrong) => ({ token: wrong })),
      ...[-1, 0, Number.NaN, 2 ** 31].map((wrong) => ({ timeoutMs: wrong })),
      ...[-1, 0.5, Number.NaN].map((wrong) => ({ retries: wrong })),
      { maxRetryAfterSeconds: -1 },
    ].map((wrong) => refusalOf({ baseUrl, token, ...wrong })),
  "no options": () => [refusalOf({}), refusalOf({ baseUrl }), refusalOf({ token })],
  "options of the environment": () => createWuts().devices.list(),
  async "paths that lead elsewhere"() {
    const wuts = createWuts({ baseUrl, token });
    const ids = ["", ".", "..", undefined, null, {}];
    // Plain JavaScript lets a program do this.
    const calls = ids.map((id) => wuts.devices.get(/** @type {any} */ ({ device_id: id })));
    return Promise.all(calls.map(async (call) => (await errorOf(call)).message));
  },
  async "requests that cannot be sent"() {
    const wuts = createWuts({ baseUrl, token });
    const wrong = [
      wuts.devices.list({}, { headers: { "X-Request-Id": "ü€" } }),
      wuts.devices.get({ device_id: "\ud800" }),
      wuts.devices.list({}, { timeoutMs: -1 }),
      wuts.devices.list({}, { retries: Number.NaN }),
      wuts.devices.list({}, { signal: /** @type {any} */ (new AbortController()) }),
    ];
    return Promise.all(wrong.map(async (call) => (await errorOf(call)).code));
  },
  async "media types in capitals"() {
    const wuts = createWuts({ baseUrl, token });
    const lines = [];
    for await (const line of wuts.contacts.lookUpProfilePicturesStream({ numbers })) lines.push(line);
    return [await wuts.devices.list(), await wuts.system.getMetrics(), lines];
  },
  async "a connection that is lost"() {
    const error = await errorOf(createWuts({ baseUrl, token, retries: 0 }).devices.list());
    return [error.code, error.message, error.requestId];
  },
  async "a response"() {
    const call = createWuts({ baseUrl, token }).devices.create(reception);
    const { data, status, headers, requestId } = await call.withResponse();
    const failed = createWuts({ baseUrl, token }).devices.get({ device_id: "unknown" }).withResponse();
    return [data, status, headers.get("RateLimit"), requestId, (await errorOf(failed)).code, await call];
  },
  async "options of a call"() {
    const wuts = createWuts({ baseUrl, token, retries: 0, maxRetryAfterSeconds: 0 });
    const options = { headers: { "X-Request-Id": "mine" }, retries: 1, maxRetryAfterSeconds: 1 };
    return [await wuts.devices.list({}, options), (await errorOf(wuts.devices.list())).status];
  },
  async "a key of its own"() {
    const wuts = createWuts({ baseUrl, token });
    const mine = { "Idempotency-Key": "mine" };
    await wuts.devices.create(reception);
    await wuts.devices.create({ ...reception, ...mine });
    await wuts.devices.create(reception, { headers: mine });
    await wuts.contacts.check({ numbers });
    return "done";
  },
  async "a log"() {
    /** @type {WutsLogEvent[]} */
    const events = [];
    const log = (/** @type {WutsLogEvent} */ event) => {
      events.push(event);
      throw new Error("the log is full");
    };
    const wuts = createWuts({ baseUrl, token, log });
    await wuts.devices.get({ device_id: "secret-id" });
    await errorOf(wuts.devices.create(reception, { retries: 0 }));
    // Times differ from run to run.
    return events.map((event) =>
      Object.values({
        ...event,
        ...("durationMs" in event ? { durationMs: 0 } : {}),
        ...("delayMs" in event ? { delayMs: 0 } : {}),
      }),
    );
  },
};

let collections = 0;
const collector = setInterval(collectGarbage, 5);
const outcome = await programs[name]?.();
clearInterval(collector);
console.log(JSON.stringify(outcome));

/** @param {(wuts: Wuts) => Promise<unknown>} call */
async function ending(call) {
  const error = await errorOf(call(createWuts({ baseUrl, token, retries: 0 })));
  return { code: error.code, closed: await isClosed() };
}

/** @param {Promise<unknown>} call @returns {Promise<WutsError>} */
async function errorOf(call) {
  try {
    await call;
  } catch (error) {
    if (error instanceof WutsError) return error;
    throw error;
  }
  throw new Error("the call succeeded");
}

/** @param {WutsOptions} options */
function refusalOf(options) {
  try {
    createWuts(options);
  } catch (error) {
    if (error instanceof WutsError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
}

/** @param {Wuts} wuts @param {CallOptions} [options] */
async function readAll(wuts, options) {
  for await (const _ of wuts.contacts.lookUpProfilePicturesStream({ numbers }, options));
}

/** The signal is held by nothing but the call, as that of a function that has returned. */
function soonAborted() {
  const controller = new AbortController();
  void garbageCollected().then(() => controller.abort());
  return controller.signal;
}

/** The server says whether it has seen the end of the connection. This program stays until then: its own end would be one. */
async function isClosed() {
  return (await fetch(`${baseUrl}/closed`)).json();
}

async function garbageCollected() {
  for (const before = collections; collections < before + 40; )
    await new Promise((resolve) => setTimeout(resolve));
}

/** By `gc`, where the program may call it; otherwise by ordinary work, whose objects live for some milliseconds. */
function collectGarbage() {
  collections += 1;
  if (globalThis.gc) globalThis.gc();
  else
    Reflect.set(
      globalThis,
      "kept",
      Array.from({ length: 100_000 }, (_, index) => ({ text: `${index}` })),
    );
}
