import assert from "node:assert/strict";
import { QueryClient } from "@tanstack/react-query";
import { operations } from "@wuts/contract";
import { answering, answeringInTurn } from "@wuts/testing/canned-server";
import { describe, it } from "vitest";
import { allMethodName, methodName } from "../scripts/method-name.ts";
import { createWuts } from "./index.ts";
import { createWutsQueries } from "./react-query.ts";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const queries = createWutsQueries(createWuts({ baseUrl: "http://wuts.invalid", token }));

describe("createWutsQueries", () => {
  it("has the names of the client: a query for each call that reads, a mutation for the others", () => {
    for (const { tag, operationId, method } of operations) {
      const name = methodName(tag, operationId);
      const group: object = Reflect.get(queries, tag);
      const names = method === "get" ? ["queryOptions", "queryKey"] : ["mutationOptions"];
      for (const each of names) assert.ok(each in Object(Reflect.get(group, name)), `${tag}.${name}.${each}`);
    }
  });

  it("has an infinite query for each list that the client has whole", () => {
    const wuts = createWuts({ baseUrl: "http://wuts.invalid", token });
    for (const [tag, group] of Object.entries(queries))
      for (const [name, call] of Object.entries(group))
        assert.equal(
          "infiniteQueryOptions" in Object(call),
          allMethodName(name) in Object(Reflect.get(wuts, tag)),
          `${tag}.${name}`,
        );
  });
});

describe("a query key", () => {
  it("begins with the keys of its call and of its group, to invalidate them together", async (test) => {
    const server = await answering(200, { success: true, data: { items: [], next_cursor: null } });
    test.onTestFinished(() => server.stop());
    const { tokens, users } = createWutsQueries(createWuts({ baseUrl: server.url, token }));
    const client = new QueryClient();
    const mine = tokens.list.infiniteQueryOptions({ user_id: "a", limit: 5 });
    const others = tokens.list.queryOptions({ user_id: "b" });
    const all = users.list.queryOptions();
    await Promise.all([client.fetchInfiniteQuery(mine), client.fetchQuery(others), client.fetchQuery(all)]);
    const invalid = () =>
      [mine, others, all].map(({ queryKey }) => client.getQueryState(queryKey)?.isInvalidated);
    const invalidate = (queryKey: readonly unknown[]) => client.invalidateQueries({ queryKey });
    await invalidate(tokens.list.queryKey({ user_id: "a" }));
    assert.deepEqual(invalid(), [true, false, false]);
    await invalidate(tokens.list.queryKey());
    assert.deepEqual(invalid(), [true, true, false]);
    await invalidate(users.queryKey());
    assert.deepEqual(invalid(), [true, true, true]);
    client.clear();
  });
});

describe("an infinite query", () => {
  for (const [what, cursors] of [
    ["at once", ["a", "a"]],
    ["after another", ["a", "b", "a"]],
  ] as const)
    it(`fails when the server repeats a cursor ${what}, instead of going on for ever`, async (test) => {
      const pages = cursors.map(
        (next_cursor) => [200, { success: true, data: { items: [], next_cursor } }] as const,
      );
      const server = await answeringInTurn(pages);
      test.onTestFinished(() => server.stop());
      const { devices } = createWutsQueries(createWuts({ baseUrl: server.url, token }));
      const client = new QueryClient({ defaultOptions: { queries: { gcTime: 0, retry: false } } });
      await assert.rejects(client.fetchInfiniteQuery({ ...devices.list.infiniteQueryOptions(), pages: 9 }), {
        code: "UNEXPECTED_ANSWER",
        call: "devices.list",
      });
      assert.equal(server.requests.length, cursors.length);
      client.clear();
    });
});
