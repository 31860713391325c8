import assert from "node:assert/strict";
import { type OperationDescription, type OperationId, operations } from "@wuts/contract";
import type { Overrides } from "@wuts/server/compose";
import { describe, it, type TestContext } from "vitest";
import { type Answer, ask } from "../support/ask.ts";
import { assertDescribed } from "../support/described.ts";
import { makeFolder, startServer } from "../support/worlds.ts";
import { startPrismProxy } from "./prism-proxy.ts";

const getLiveness = described("getLiveness");

/** Ways for a server to answer `GET /health/live` as the contract does not say, and who sees it. */
interface Fault {
  readonly name: string;
  readonly breaks: Overrides;
  /** The server's own validator, which answers 500 in its place. */
  readonly server: boolean;
  /** The Prism proxy in front of it, which does the same. */
  readonly proxy: boolean;
}

/** What no caller may ever see. */
const leaked = "swordfish";

const faults: readonly Fault[] = [
  {
    name: "an extra field",
    breaks: answering({ status: 200, data: { status: "alive", password: leaked } }),
    server: true,
    proxy: true,
  },
  {
    name: "a bad enum value",
    breaks: answering({ status: 200, data: { status: leaked } }),
    server: true,
    proxy: true,
  },
  { name: "a missing field", breaks: answering({ status: 200, data: {} }), server: true, proxy: true },
  {
    name: "an undocumented status",
    breaks: answering({ status: 202, data: { status: "alive" } }),
    server: true,
    proxy: true,
  },
  {
    name: "a wrong content type",
    breaks: { intercept: (_request, response) => void response.type("text/plain").send(leaked) },
    server: false,
    proxy: true,
  },
  {
    name: "a raw res.end",
    breaks: {
      intercept: (_request, response) =>
        void response
          .writeHead(200, { "Content-Type": "application/json" })
          .end(JSON.stringify({ success: true, data: { status: "alive", password: leaked } })),
    },
    server: false,
    proxy: true,
  },
];

describe("an answer that breaks the contract", () => {
  for (const { name, breaks, server, proxy } of faults) {
    describe(`by ${name}`, () => {
      it(`is ${server ? "" : "not "}seen by the server's validator`, async (t) => {
        const { answer } = await startViolating(t, "fail", breaks);
        assert.equal(isRefused(await answer()), server);
      });

      it(`is ${proxy ? "" : "not "}seen by the Prism proxy, when it leaves the server`, async (t) => {
        const { url, answer } = await startViolating(t, "log", breaks);
        const behind = await startPrismProxy(url);
        t.onTestFinished(() => behind.stop());
        const seen = await answer(behind.url);
        assert.equal(isRefused(seen), proxy);
        assert.equal(seen.headers.has("sl-violations"), proxy);
      });

      it("is seen by one of the two, so that no caller gets it", async (t) => {
        const { url, answer } = await startViolating(t, "fail", breaks);
        const behind = await startPrismProxy(url);
        t.onTestFinished(() => behind.stop());
        const seen = await answer(behind.url);
        assert.ok(isRefused(seen));
        assert.ok(!seen.text.includes(leaked));
      });

      it("is seen by these tests, when it leaves the server", async (t) => {
        const { answer } = await startViolating(t, "log", breaks);
        const seen = await answer();
        assert.ok(!isRefused(seen));
        assert.throws(() => assertDescribed(seen, getLiveness), assert.AssertionError);
      });
    });
  }

  it("is answered as any bug of ours, in the envelope, when the server has seen it", async (t) => {
    const { answer } = await startViolating(t, "fail", faults[0]?.breaks ?? {});
    const seen = await answer();
    assert.partialDeepStrictEqual(seen.body, { error_code: "INTERNAL_ERROR", error: "internal error" });
    assertDescribed(seen, getLiveness);
  });
});

function isRefused({ status }: Answer): boolean {
  return status === 500;
}

/** A handler that answers what its type does not allow. */
function answering(answer: object): Overrides {
  const handlers = {};
  Object.assign(handlers, { getLiveness: () => answer });
  return { handlers };
}

async function startViolating(t: TestContext, violations: "fail" | "log", breaks: Overrides) {
  const { folder, remove } = await makeFolder();
  const server = await startServer(folder, { WUTS_RESPONSE_VIOLATIONS: violations }, breaks);
  t.onTestFinished(async () => {
    await server.stop();
    await remove();
  });
  const place = { ...server, world: undefined };
  return { url: server.url, answer: (url = server.url) => ask({ ...place, url }, getLiveness, {}) };
}

function described(wanted: OperationId): OperationDescription {
  const found = operations.find(({ operationId }) => operationId === wanted);
  assert.ok(found);
  return found;
}
