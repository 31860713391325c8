import assert from "node:assert/strict";
import { operations, wutsContract } from "@wuts/contract";
import { parametersIn } from "@wuts/contract/document";
import { answeringInTurn } from "@wuts/testing/canned-server";
import { describe, it, type TestContext } from "vitest";
import { allMethodName, methodName } from "../../scripts/method-name.ts";
import { failure } from "../../test/failure.ts";
import { type AuditEntry, createWuts, type Device } from "../index.ts";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const page = (items: readonly unknown[], next_cursor: unknown) =>
  [200, { success: true, data: { items, next_cursor } }] as const;

describe("the items of all pages", () => {
  it("are a method of every operation that takes a cursor, and of no other", () => {
    const wuts = createWuts({ baseUrl: "http://wuts.invalid", token });
    const paged = operations.filter((operation) =>
      parametersIn(wutsContract.document, operation).some(({ name }) => name === "cursor"),
    );
    assert.ok(paged.length >= 6);
    for (const operation of operations) {
      const name = allMethodName(methodName(operation.tag, operation.operationId));
      assert.equal(name in Reflect.get(wuts, operation.tag), paged.includes(operation), name);
    }
  });

  it("come in order, a page at a time, with the parameters and options of the call", async (t) => {
    const { server, wuts } = await serve(t, [
      page([1, 2], "after-2"),
      page([], "after-none"),
      page([3], null),
    ]);
    const found: unknown[] = [];
    const headers = { "X-Request-Id": "mine" };
    for await (const item of wuts.tokens.listAll({ user_id: "u1", limit: 2 }, { headers })) {
      if (item === (2 as never)) assert.equal(server.requests.length, 1, "no page is asked for too early");
      found.push(item);
    }
    assert.deepEqual(found, [1, 2, 3]);
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      [
        "/users/u1/tokens?limit=2",
        "/users/u1/tokens?limit=2&cursor=after-2",
        "/users/u1/tokens?limit=2&cursor=after-none",
      ],
    );
    assert.ok(server.requests.every((request) => request.headers["x-request-id"] === "mine"));
  });

  it("are asked for when the iteration begins, and no more when it is left", async (t) => {
    const { server, wuts } = await serve(t, [page([1, 2], "after-2"), page([3], null)]);
    const all = wuts.devices.listAll();
    assert.equal(server.requests.length, 0);
    for await (const _ of all) break;
    assert.deepEqual([await all.next(), server.requests.length], [{ done: true, value: undefined }, 1]);
  });

  it("end with ABORTED between two pages, by the caller's signal", async (t) => {
    const { server, wuts } = await serve(t, [page([1], "after-1"), page([2], null)]);
    const controller = new AbortController();
    const all = wuts.devices.listAll({}, { signal: controller.signal });
    await all.next();
    controller.abort();
    const error = await failure(all.next());
    assert.deepEqual([error.code, error.call, server.requests.length], ["ABORTED", "devices.list", 1]);
  });

  for (const [what, cursors] of [
    ["at once", ["a", "a"]],
    ["after others", ["a", "b", "c", "a"]],
  ] as const)
    it(`end with an error when the server repeats a cursor ${what}`, async (t) => {
      const { server, wuts } = await serve(
        t,
        cursors.map((cursor, index) => page([index], cursor)),
      );
      const found: unknown[] = [];
      const error = await failure(
        (async () => {
          for await (const item of wuts.contacts.listAll()) found.push(item);
        })(),
      );
      assert.deepEqual([error.code, error.call], ["UNEXPECTED_ANSWER", "contacts.list"]);
      assert.match(error.message, /repeats a cursor/);
      assert.equal(server.requests.length, cursors.length);
    });

  it("end with an error when an answer is no page", async (t) => {
    const { wuts } = await serve(t, [[200, { success: true, data: { items: "none" } }]]);
    const error = await failure(wuts.audit.listAllEntries().next());
    assert.deepEqual([error.code, error.call], ["UNEXPECTED_ANSWER", "audit.listEntries"]);
  });
});

async function serve(t: TestContext, answers: Parameters<typeof answeringInTurn>[0]) {
  const server = await answeringInTurn(answers);
  t.onTestFinished(() => server.stop());
  return { server, wuts: createWuts({ baseUrl: server.url, token }) };
}

const wuts = createWuts({ baseUrl: "http://wuts.invalid", token });

// Nothing runs here: what is wrong does not compile.
void [
  async () => {
    for await (const device of wuts.devices.listAll()) device satisfies Device;
    for await (const entry of wuts.audit.listAllEntries({ target_id: "a" })) entry satisfies AuditEntry;
  },
  // @ts-expect-error: whose tokens has to be said
  () => wuts.tokens.listAll(),
  // @ts-expect-error: where a page starts is said by the page before
  () => wuts.devices.listAll({ cursor: "a" }),
  // @ts-expect-error: a device is not a list
  () => wuts.devices.getAll({ device_id: "a" }),
];
