import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { operations } from "@wuts/contract";
import { answering, answeringInTurn } from "@wuts/testing/canned-server";
import fc from "fast-check";
import { describe, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { methodName } from "../../scripts/method-name.ts";
import { failure } from "../../test/failure.ts";
import { createWuts, type Device, type Wuts, type WutsLogEvent, type WutsResponse } from "../index.ts";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const success = { success: true, data: { name: "Reception" } };
const device_id = "7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10";

// Nothing runs here: what is wrong does not compile.
void [
  (wuts: Wuts) => wuts.devices.create({ name: "Reception" }) satisfies Promise<Device>,
  (wuts: Wuts) =>
    wuts.devices.create({ name: "Reception" }).withResponse() satisfies Promise<WutsResponse<Device>>,
  (wuts: Wuts) =>
    wuts.contacts
      .getProfilePicture({ number: "1" })
      .withResponse()
      .then(({ data, headers }) => [data.unchanged satisfies boolean, headers.get("ETag")]),
  (wuts: Wuts) => wuts.devices.list({}, { timeoutMs: 1_000, retries: 0, maxRetryAfterSeconds: 1 }),
  // @ts-expect-error: the fetch is the client's
  (wuts: Wuts) => wuts.devices.list({}, { fetch }),
  () => createWuts({ token: process.env.WUTS_TOKEN, baseUrl: process.env.WUTS_BASE_URL }),
];

/** Calls the method of an operation with these parameters. */
function callMethod(wuts: Wuts, tag: string, operationId: string, parameters: object): Promise<unknown> {
  const service: Readonly<Record<string, (parameters: object) => Promise<unknown>>> = Reflect.get(wuts, tag);
  const method = service[methodName(tag, operationId)];
  assert.ok(method);
  return method.call(service, parameters);
}

const pathParameters = operations.flatMap(({ tag, operationId, path }) => {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return names.map((name) => ({ tag, operationId, name, all: names }));
});

describe("a path parameter", () => {
  for (const { tag, operationId, name, all } of pathParameters) {
    it(`that leads elsewhere is not sent: ${name} of ${operationId}`, async (t) => {
      const server = await answering(200, success);
      t.onTestFinished(() => server.stop());
      const wuts = createWuts({ baseUrl: server.url, token });
      const good = Object.fromEntries(all.map((each) => [each, device_id]));
      for (const [wrong, said] of [
        [undefined, "is missing"],
        [null, "is missing"],
        ["", "must not be empty"],
        [".", 'must not be "."'],
        ["..", 'must not be ".."'],
        [{}, "must be a string, and is of type object"],
      ]) {
        const error = await failure(callMethod(wuts, tag, operationId, { ...good, [name]: wrong }));
        assert.deepEqual([error.code, error.message], ["INVALID_ARGUMENT", `${name} ${said}`]);
      }
      assert.equal(server.requests.length, 0);
    });
  }

  it("stays one part of the path, whatever is in it", async (t) => {
    const server = await answering(200, success);
    t.onTestFinished(() => server.stop());
    const wuts = createWuts({ baseUrl: server.url, token });
    const texts = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !/^\.{1,2}$/.test(text));
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        await wuts.devices.get({ device_id: text });
        const [, list, id, ...more] = server.requests.at(-1)?.url.split("/") ?? [];
        assert.deepEqual([list, decodeURIComponent(id ?? ""), more], ["devices", text, []]);
      }),
      { numRuns: 100 },
    );
  });
});

describe("what cannot be sent", () => {
  for (const [what, call] of [
    ["a header that is no text", (wuts) => wuts.devices.list({}, { headers: { "X-Request-Id": "€" } })],
    ["half a character in a path", (wuts) => wuts.devices.get({ device_id: "\ud800" })],
    ["half a character in a query", (wuts) => wuts.contacts.getProfilePicture({ number: "\ud800" })],
    ["a key that is no text", (wuts) => wuts.devices.create({ name: "a", "Idempotency-Key": "\n€" })],
  ] satisfies [string, (wuts: Wuts) => Promise<unknown>][]) {
    it(`is refused, and not a network error: ${what}`, async () => {
      const wuts = createWuts({ baseUrl: "http://127.0.0.1:9", token });
      const error = await failure(call(wuts));
      assert.equal(error.code, "INVALID_ARGUMENT");
      assert.match(error.message, /^the request cannot be sent: /);
    });
  }
});

describe("an Idempotency-Key", () => {
  for (const { tag, operationId, path, takesIdempotencyKey } of operations.filter(
    ({ method }) => method !== "get",
  )) {
    it(`is ${takesIdempotencyKey ? "" : "not "}sent by ${operationId}`, async (t) => {
      const server = await answering(200, success);
      t.onTestFinished(() => server.stop());
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => [name, device_id]);
      const wuts = createWuts({ baseUrl: server.url, token });
      await callMethod(wuts, tag, operationId, Object.fromEntries(names));
      await callMethod(wuts, tag, operationId, Object.fromEntries(names));
      const keys = server.requests.map(({ headers }) => headers["idempotency-key"]);
      if (takesIdempotencyKey) {
        for (const key of keys) assert.match(`${key}`, /^[0-9a-f]{32}$/);
        assert.notEqual(keys[0], keys[1]);
      } else assert.deepEqual(keys, [undefined, undefined]);
    });
  }

  it("is the caller's own, where there is one, whatever its case", async (t) => {
    const server = await answering(200, success);
    t.onTestFinished(() => server.stop());
    const { devices } = createWuts({ baseUrl: server.url, token });
    await devices.create({ name: "Reception", "Idempotency-Key": "mine" });
    await devices.create({ name: "Reception" }, { headers: { "idempotency-key": "mine" } });
    assert.deepEqual(
      server.requests.map(({ headers }) => headers["idempotency-key"]),
      ["mine", "mine"],
    );
  });
});

describe("withResponse", () => {
  it("has the data, the status, the headers and the id", async (t) => {
    const server = await answering(201, success, { "X-Request-Id": "r1", "Idempotency-Replayed": "true" });
    t.onTestFinished(() => server.stop());
    const call = createWuts({ baseUrl: server.url, token }).devices.create({ name: "Reception" });
    const { data, status, headers, requestId } = await call.withResponse();
    assert.deepEqual([data.name, status, requestId], ["Reception", 201, "r1"]);
    assert.equal(headers.get("Idempotency-Replayed"), "true");
    assert.equal(await call, data);
    assert.equal(server.requests.length, 1);
  });

  it("rejects as the call does, which then is handled", async (t) => {
    const server = await answering(404, {});
    t.onTestFinished(() => server.stop());
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    t.onTestFinished(() => void process.off("unhandledRejection", note));
    const { devices } = createWuts({ baseUrl: server.url, token });
    assert.equal((await failure(devices.get({ device_id }).withResponse())).status, 404);
    await new Promise(setImmediate);
    assert.deepEqual(unhandled, []);
  });
});

describe("a fetch of the caller's", () => {
  it("does not have to know signals", async () => {
    const deaf: typeof fetch = () => new Promise(() => undefined);
    const { devices } = createWuts({ baseUrl: "http://wuts.invalid", token, fetch: deaf });
    assert.equal((await failure(devices.list({}, { timeoutMs: 20 }))).code, "TIMED_OUT");
    const controller = new AbortController();
    const call = failure(devices.list({}, { signal: controller.signal }));
    controller.abort();
    assert.equal((await call).code, "ABORTED");
  });

  it("is not called when the call was aborted before", async () => {
    let calls = 0;
    const counting: typeof fetch = async () => {
      calls += 1;
      return new Response();
    };
    const wuts = createWuts({ baseUrl: "http://wuts.invalid", token, fetch: counting });
    const options = { signal: AbortSignal.abort() };
    assert.equal((await failure(wuts.devices.list({}, options))).code, "ABORTED");
    const lines = wuts.contacts.lookUpProfilePicturesStream({ numbers: ["1"] }, options);
    assert.equal((await failure(lines.next())).code, "ABORTED");
    assert.equal(calls, 0);
  });

  it("has its response cancelled when it comes too late", async () => {
    const late = Promise.withResolvers<Response>();
    const cancelled = Promise.withResolvers<void>();
    const { devices } = createWuts({ baseUrl: "http://wuts.invalid", token, fetch: () => late.promise });
    assert.equal((await failure(devices.list({}, { timeoutMs: 20 }))).code, "TIMED_OUT");
    late.resolve(new Response(new ReadableStream({ cancel: () => cancelled.resolve() })));
    await assert.doesNotReject(cancelled.promise);
  });

  it("may fail at once", async () => {
    const broken = () => {
      throw new TypeError("no fetch today");
    };
    const { devices } = createWuts({ baseUrl: "http://wuts.invalid", token, fetch: broken, retries: 0 });
    const error = await failure(devices.list());
    assert.deepEqual([error.code, error.cause instanceof TypeError], ["NETWORK_ERROR", true]);
  });
});

describe("a signal of the caller's", () => {
  it("may be that of many calls: nothing of a call stays with it", async (t) => {
    const server = await answeringInTurn([[200, success], [404, {}], "cut", [200, success]]);
    t.onTestFinished(() => server.stop());
    const { devices, contacts } = createWuts({ baseUrl: server.url, token });
    const { signal } = new AbortController();
    await devices.list({}, { signal });
    await failure(devices.get({ device_id }, { signal }));
    await devices.list({}, { signal });
    await failure(contacts.lookUpProfilePicturesStream({ numbers: ["1"] }, { signal }).next());
    await failure(devices.list({}, { signal: AbortSignal.abort() }));
    assert.deepEqual(getEventListeners(signal, "abort"), []);
  });
});

describe("User-Agent", () => {
  it("names the client, its version and the runtime; the caller's own goes first", async (t) => {
    const server = await answering(200, success);
    t.onTestFinished(() => server.stop());
    const { devices } = createWuts({ baseUrl: server.url, token });
    await devices.list();
    await devices.list({}, { headers: { "user-agent": "mine" } });
    const [ours, theirs] = server.requests.map(({ headers }) => headers["user-agent"]);
    assert.equal(ours, `wuts-client/${manifest.version} Node.js/${process.versions.node.split(".")[0]}`);
    assert.equal(theirs, "mine");
  });

  it("is left to browsers, so that no request needs the server's leave for it", async (t) => {
    const server = await answering(200, success);
    t.onTestFinished(() => server.stop());
    Reflect.set(globalThis, "document", {});
    t.onTestFinished(() => void Reflect.deleteProperty(globalThis, "document"));
    await createWuts({ baseUrl: server.url, token }).devices.list();
    assert.doesNotMatch(`${server.requests[0]?.headers["user-agent"]}`, /wuts/);
  });
});

describe("log", () => {
  it("gets the events of each call, and never a token, a body, a header or a parameter", async (t) => {
    const server = await answeringInTurn([
      [503, "<h1>secret answer</h1>", { "Retry-After": "0" }],
      [200, success, { "X-Request-Id": "r1" }],
    ]);
    t.onTestFinished(() => server.stop());
    const events: WutsLogEvent[] = [];
    const wuts = createWuts({ baseUrl: server.url, token, log: (event) => events.push(event) });
    const secret = { "Idempotency-Key": "secret-key", "X-Request-Id": "secret-id" };
    await wuts.groups.setPicture({ jid: "secret@g.us", image: "secret" }, { headers: secret });
    await wuts.contacts.getProfilePicture({ number: "5511999999999" });
    const [first, ...others] = events.map(({ type, call, attempt }) => `${call}.${attempt} ${type}`);
    assert.equal(first, "1.1 request");
    assert.deepEqual(others, [
      "1.1 response",
      "1.1 retry",
      "1.2 request",
      "1.2 response",
      "2.1 request",
      "2.1 response",
    ]);
    assert.doesNotMatch(JSON.stringify(events), new RegExp(`secret|5511999999999|Reception|${token}`));
    assert.equal(events[0]?.path, "/groups/{jid}/picture");
  });

  it("gets what a stream throws, after its head, too", async (t) => {
    const lines = `${JSON.stringify(success)}\n${JSON.stringify({ success: false })}\n`;
    const server = await answering(200, lines, { "Content-Type": "application/x-ndjson" });
    t.onTestFinished(() => server.stop());
    const events: string[] = [];
    const log = (event: WutsLogEvent) => void events.push(event.type);
    const { contacts } = createWuts({ baseUrl: server.url, token, log });
    const stream = contacts.lookUpProfilePicturesStream({ numbers: ["1"] });
    await stream.next();
    await failure(stream.next());
    assert.deepEqual(events, ["request", "response", "error"]);
  });

  it("gets what a call throws, when it is aborted while it waits, too", async (t) => {
    const server = await answering(503, "", { "Retry-After": "5" });
    t.onTestFinished(() => server.stop());
    const controller = new AbortController();
    const events: string[] = [];
    const log = (event: WutsLogEvent) => {
      events.push("code" in event ? `${event.type} ${event.code}` : event.type);
      if (event.type === "retry") controller.abort();
    };
    const { devices } = createWuts({ baseUrl: server.url, token, log });
    await failure(devices.list({}, { signal: controller.signal }));
    assert.deepEqual(events, ["request", "response", "retry UNEXPECTED_ANSWER", "error ABORTED"]);
  });
});
