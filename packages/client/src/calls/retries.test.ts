import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { answeringInTurn, type PlannedAnswer } from "@wuts/testing/canned-server";
import fc from "fast-check";
import { describe, it, vi } from "vitest";
import { failure } from "../../test/failure.ts";
import { createWuts, type Wuts, WutsError, type WutsOptions } from "../index.ts";
import { delayBeforeRetry, neverReachedTheServer } from "./retry-policy.ts";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const device_id = "7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10";
const success: PlannedAnswer = [200, { success: true, data: { items: [] } }];

function refusal(status: number, retryAfter?: string): PlannedAnswer {
  const body = { success: false, error: "wait", error_code: "DEVICE_BUSY", timestamp: "", request_id: "r1" };
  return [status, body, retryAfter === undefined ? {} : { "Retry-After": retryAfter }];
}

/** What a proxy answers when it does not get an answer of the server. */
function gateway(status: number): PlannedAnswer {
  return [status, "<h1>Bad gateway</h1>", { "Content-Type": "text/html" }];
}

const inUse: PlannedAnswer = [
  409,
  { success: false, error: "wait", error_code: "IDEMPOTENCY_KEY_IN_USE", timestamp: "", request_id: "r1" },
];

const list = (wuts: Wuts) => wuts.devices.list();
/** A POST that takes an `Idempotency-Key`. */
const create = (wuts: Wuts) => wuts.devices.create({ name: "Reception" });
/** A POST that takes none. */
const check = (wuts: Wuts) => wuts.contacts.check({ numbers: ["5511999999999"] });
const remove = (wuts: Wuts) => wuts.devices.delete({ device_id });

/** Makes a call to a server that gives these answers. @returns what it was asked, and how the call ended */
async function ask(
  answers: readonly PlannedAnswer[],
  call: (wuts: Wuts) => Promise<unknown> = list,
  options: Partial<WutsOptions> = {},
) {
  const server = await answeringInTurn(answers);
  const started = performance.now();
  const [outcome] = await Promise.allSettled([call(createWuts({ baseUrl: server.url, token, ...options }))]);
  const took = performance.now() - started;
  await server.stop();
  const error = outcome.status === "rejected" ? await failure(Promise.reject(outcome.reason)) : undefined;
  return { requests: server.requests, error, took };
}

describe("an answer with Retry-After", () => {
  it("is waited for, and the same request sent again", async () => {
    const call = (wuts: Wuts) => wuts.devices.list({ limit: 5 }, { headers: { "X-Request-Id": "mine" } });
    const { requests, error } = await ask([refusal(503, "1"), success], call);
    assert.equal(error, undefined);
    const [first, second, ...others] = requests;
    assert.ok(first && second && others.length === 0);
    assert.ok(second.at - first.at >= 1000, `${second.at - first.at} ms`);
    for (const { url, headers } of requests) {
      assert.equal(url, "/devices?limit=5");
      assert.equal(headers["x-request-id"], "mine");
      assert.equal(headers.authorization, `Bearer ${token}`);
    }
  });

  for (const status of [429, 503]) {
    it(`is waited for with ${status} of GET and DELETE`, async () => {
      const answers = [refusal(status, "0"), success];
      assert.equal((await ask(answers)).requests.length, 2);
      const deleted = await ask(answers, remove);
      assert.deepEqual(
        deleted.requests.map(({ method }) => method),
        ["DELETE", "DELETE"],
      );
    });

    it(`is waited for with ${status} of POST, where it has an Idempotency-Key`, async () => {
      const { requests, error } = await ask([refusal(status, "0"), success], create);
      assert.deepEqual([requests.length, error], [2, undefined]);
      assert.equal(new Set(requests.map(({ headers }) => headers["idempotency-key"])).size, 1);
    });

    it(`is not waited for with ${status} of POST without one`, async () => {
      const { requests, error } = await ask([refusal(status, "0"), success], check);
      assert.equal(requests.length, 1);
      assert.deepEqual([error?.status, error?.code, error?.retryAfter], [status, "DEVICE_BUSY", 0]);
    });

    it(`is what is waited for: ${status} without it is thrown at once`, async () => {
      const { requests, error } = await ask([refusal(status), success]);
      assert.deepEqual([requests.length, error?.status], [1, status]);
    });
  }

  it("is waited for with 409 of a call whose key is in use, and of no other", async () => {
    const [status, body] = inUse;
    const soon: PlannedAnswer = [status, body, { "Retry-After": "0" }];
    const { requests, error } = await ask([soon, success], create);
    assert.deepEqual([requests.length, error], [2, undefined]);
    const tooLong = await ask([[status, body, { "Retry-After": "61" }], success], create);
    assert.deepEqual([tooLong.requests.length, tooLong.error?.code], [1, "IDEMPOTENCY_KEY_IN_USE"]);
    const other = await ask([refusal(409, "0"), success], create);
    assert.deepEqual([other.requests.length, other.error?.status], [1, 409]);
  });

  for (const status of [404, 408, 413, 500, 502, 504]) {
    it(`is not waited for with ${status}`, async () => {
      const { requests, error } = await ask([refusal(status, "0"), success]);
      assert.deepEqual([requests.length, error?.status], [1, status]);
    });
  }

  it("is waited for twice, then thrown", async () => {
    const { requests, error } = await ask([refusal(503, "0")]);
    assert.deepEqual([requests.length, error?.status, error?.code], [3, 503, "DEVICE_BUSY"]);
  });

  for (const retries of [0, 1]) {
    it(`is waited for ${retries} times with retries: ${retries}`, async () => {
      const { requests, error } = await ask([refusal(503, "0")], undefined, { retries });
      assert.deepEqual([requests.length, error?.status], [1 + retries, 503]);
    });
  }

  it("is thrown at once when it asks for more than 10 s, or than maxRetryAfterSeconds", async () => {
    const long = await ask([refusal(503, "11"), success]);
    assert.deepEqual([long.requests.length, long.error?.retryAfter], [1, 11]);
    const longer = await ask([refusal(503, "2"), success], undefined, { maxRetryAfterSeconds: 1 });
    assert.deepEqual([longer.requests.length, longer.error?.retryAfter], [1, 2]);
  });

  it("is thrown at once when the wait would outlast timeoutMs", async () => {
    const { requests, error, took } = await ask([refusal(503, "1"), success], undefined, { timeoutMs: 900 });
    assert.deepEqual([requests.length, error?.status, error?.code], [1, 503, "DEVICE_BUSY"]);
    assert.ok(took < 900, `${took} ms`);
  });

  it("may carry a body that is not ours", async () => {
    const { requests, error } = await ask([[503, "<h1>Busy</h1>", { "Retry-After": "0" }]]);
    assert.deepEqual([requests.length, error?.code, error?.cause], [3, "UNEXPECTED_ANSWER", "<h1>Busy</h1>"]);
  });
});

describe("the wait", () => {
  it("is ended at once by the caller's signal", async () => {
    const controller = new AbortController();
    const abortingFetch: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      setTimeout(() => controller.abort(new Error("changed my mind")));
      return response;
    };
    const call = (wuts: Wuts) => wuts.devices.list({}, { signal: controller.signal });
    const { requests, error, took } = await ask([refusal(503, "9"), success], call, { fetch: abortingFetch });
    assert.deepEqual([requests.length, error?.status, error?.code], [1, 0, "ABORTED"]);
    assert.ok(error?.cause instanceof Error && error.cause.message === "changed my mind");
    assert.ok(took < 5_000, `${took} ms`);
  });

  it("is never shorter than Retry-After, and at most half a second longer", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 10 }), async (seconds) => {
        await whileWaiting(1, seconds, async ({ sent, pass }) => {
          await pass(Math.max(0, seconds * 1000 - 1));
          if (seconds > 0) assert.equal(sent(), 1, "it came back early");
          await pass(502);
          assert.equal(sent(), 2, "it did not come back");
        });
      }),
      { numRuns: 30 },
    );
  });

  it("differs from call to call, so that clients that were sent away together do not come back together", async () => {
    await whileWaiting(40, 1, async ({ sent, pass }) => {
      await pass(1250);
      assert.ok(sent() > 40 && sent() < 80, `${sent() - 40} of 40 came back in the same quarter of a second`);
    });
  });
});

/** Has calls made that are all told to wait, on a clock that `pass` moves. `sent` counts their requests. */
async function whileWaiting(
  calls: number,
  retryAfterSeconds: number,
  look: (clock: { sent(): number; pass(ms: number): Promise<void> }) => Promise<void>,
): Promise<void> {
  let sent = 0;
  const headers = { "Retry-After": `${retryAfterSeconds}`, "Content-Type": "application/json" };
  const busyAtFirst: typeof fetch = async () =>
    ++sent <= calls
      ? new Response("", { status: 503, headers })
      : new Response('{"success":true,"data":{}}', { headers });
  const wuts = createWuts({ baseUrl: "http://127.0.0.1", token, fetch: busyAtFirst });
  const pass = async (ms: number) => {
    vi.advanceTimersByTime(ms);
    await setImmediate();
  };
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const all = Promise.all(Array.from({ length: calls }, () => wuts.devices.list()));
    await pass(0);
    await look({ sent: () => sent, pass });
    await pass(20_000);
    await all;
  } finally {
    vi.useRealTimers();
  }
}

describe("timeoutMs", () => {
  it("bounds a call with its repeats", async () => {
    const { requests, error, took } = await ask([refusal(503, "0"), "silence"], undefined, {
      timeoutMs: 800,
    });
    assert.deepEqual([requests.length, error?.status, error?.code], [2, 0, "TIMED_OUT"]);
    assert.ok(took >= 790 && took < 5_000, `${took} ms`);
  });

  it("bounds the body of an answer, too", async () => {
    const { requests, error } = await ask(["half"], undefined, { timeoutMs: 300 });
    assert.deepEqual([requests.length, error?.code], [1, "TIMED_OUT"]);
  });
});

describe("a request that never reached the server", () => {
  it("is sent again, whatever its method and with its body", async (test) => {
    const before = await answeringInTurn([success]);
    await before.stop();
    let after: typeof before | undefined;
    test.onTestFinished(() => after?.stop());
    let tries = 0;
    const restarting: typeof fetch = async (input, init) => {
      tries++;
      try {
        return await fetch(input, init);
      } catch (error) {
        after ??= await answeringInTurn([success], before.port);
        throw error;
      }
    };
    await createWuts({ baseUrl: before.url, token, fetch: restarting }).devices.create({ name: "Reception" });
    assert.equal(tries, 2);
    assert.deepEqual(
      after?.requests.map(({ method, body }) => [method, body]),
      [["POST", '{"name":"Reception"}']],
    );
  });

  for (const [retries, expected] of [
    [undefined, 3],
    [0, 1],
  ] as const) {
    it(`is sent ${expected} times with retries: ${retries}`, async () => {
      const { tries, error } = await refusedConnection(retries === undefined ? {} : { retries });
      assert.deepEqual([tries, error.code], [expected, "NETWORK_ERROR"]);
      assert.ok(error.cause instanceof TypeError);
    });
  }

  it("is given up at once when the next wait would outlast timeoutMs", async () => {
    const { tries, error } = await refusedConnection({ timeoutMs: 400 });
    assert.deepEqual([tries, error.code], [1, "NETWORK_ERROR"]);
  });
});

async function refusedConnection(options: Partial<WutsOptions>) {
  let tries = 0;
  const counting: typeof fetch = (input, init) => {
    tries++;
    return fetch(input, init);
  };
  const { url, stop } = await answeringInTurn([success]);
  await stop();
  const wuts = createWuts({ baseUrl: url, token, fetch: counting, ...options });
  return { error: await failure(wuts.devices.create({ name: "Reception" })), tries };
}

describe("a request that may have reached the server", () => {
  for (const [what, call] of [
    ["a DELETE", remove],
    ["a POST that takes no Idempotency-Key", check],
  ] as const) {
    for (const lost of ["reset", "cut"] as const) {
      it(`is not sent again when the connection is lost (${lost}): ${what}`, async () => {
        const { requests, error } = await ask([lost, success], call);
        assert.deepEqual([requests.length, error?.code], [1, "NETWORK_ERROR"]);
      });
    }

    it(`is not sent again when a proxy answered: ${what}`, async () => {
      const { requests, error } = await ask([gateway(502), success], call);
      assert.deepEqual([requests.length, error?.status], [1, 502]);
    });
  }

  for (const [what, call] of [
    ["a GET", list],
    ["a POST with an Idempotency-Key", create],
  ] as const) {
    for (const lost of ["reset", "cut"] as const) {
      it(`is sent again when the connection is lost (${lost}): ${what}`, async () => {
        const { requests, error } = await ask([lost, success], call);
        assert.deepEqual([requests.length, error], [2, undefined]);
      });
    }

    for (const status of [502, 503, 504]) {
      it(`is sent again when a proxy answered ${status}: ${what}`, async () => {
        const { requests, error } = await ask([gateway(status), success], call);
        assert.deepEqual([requests.length, error], [2, undefined]);
      });
    }

    for (const status of [502, 504]) {
      it(`is not sent again when the server itself answered ${status}: ${what}`, async () => {
        const { requests, error } = await ask([refusal(status), success], call);
        assert.deepEqual([requests.length, error?.status], [1, status]);
      });
    }
  }

  it("is sent again while an earlier one with its key is under way", async () => {
    const { requests, error } = await ask([inUse, success], create);
    assert.deepEqual([requests.length, error], [2, undefined]);
    assert.equal(requests[0]?.headers["idempotency-key"], requests[1]?.headers["idempotency-key"]);
  });

  it("is one whose error does not say otherwise, as in a browser", () => {
    const notSaying = fc.oneof(
      fc.anything().filter((value) => !saysSo(value)),
      fc
        .constantFrom("ECONNRESET", "ETIMEDOUT", "EHOSTUNREACH", "UND_ERR_SOCKET", "ABORT_ERR")
        .map(errorWith),
      fc.constantFrom("read", "write").map((syscall) => Object.assign(new Error(), { syscall })),
    );
    fc.assert(
      fc.property(notSaying, (cause) => {
        assert.equal(neverReachedTheServer(new TypeError("fetch failed", { cause })), false);
      }),
    );
  });

  it("is one of which a single address was reached", () => {
    const refused = Object.assign(new Error(), { syscall: "connect", code: "ECONNREFUSED" });
    const causes = fc.array(fc.boolean(), { minLength: 1 });
    fc.assert(
      fc.property(causes, (reached) => {
        const errors = reached.map((each) => (each ? errorWith("ECONNRESET") : refused));
        const cause = new AggregateError(errors, "", {});
        assert.equal(
          neverReachedTheServer(new TypeError("fetch failed", { cause })),
          !reached.includes(true),
        );
      }),
    );
  });
});

describe("an error that says that nothing was sent", () => {
  for (const [what, fields] of [
    ["no connection", { syscall: "connect", code: "ETIMEDOUT" }],
    ["no such name", { syscall: "getaddrinfo", code: "ENOTFOUND" }],
    ["no name server", { syscall: "getaddrinfo", code: "EAI_AGAIN" }],
    ["no connection in time", { code: "UND_ERR_CONNECT_TIMEOUT" }],
  ] as const) {
    it(`is believed: ${what}`, () => {
      const cause = Object.assign(new Error(), fields);
      assert.equal(neverReachedTheServer(new TypeError("fetch failed", { cause })), true);
    });
  }
});

describe("delayBeforeRetry", () => {
  it("is at least Retry-After, for 429 and 503 of what may be repeated only", () => {
    const methods = fc.constantFrom("GET", "HEAD", "PUT", "DELETE", "POST", "PATCH");
    const statuses = fc.integer({ min: 200, max: 599 });
    fc.assert(
      fc.property(methods, fc.boolean(), statuses, fc.nat(), (method, hasKey, status, seconds) => {
        const request = { method, hasKey };
        const failed = (retryAfter?: number) =>
          new WutsError("wait", { status, code: "DEVICE_BUSY", retryAfter });
        const delay = delayBeforeRetry(failed(seconds), request, 1, Infinity)?.delayMs;
        if ((["GET", "PUT", "DELETE"].includes(method) || hasKey) && [429, 503].includes(status))
          assert.ok(
            delay !== undefined && delay >= seconds * 1000 && delay <= seconds * 1000 + 500,
            `${delay}`,
          );
        else assert.equal(delay, undefined);
        assert.equal(delayBeforeRetry(failed(), request, 1, Infinity), undefined);
      }),
      { numRuns: 2_000 },
    );
  });
});

function errorWith(code: string): Error {
  return Object.assign(new Error(), { code });
}

/** Whether a random value happens to look like an error that says that nothing was sent. */
function saysSo(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    ["errors", "syscall", "code", "cause"].some((name) => name in value)
  );
}
