import assert from "node:assert/strict";
import type { DatabaseConnection } from "kysely";
import { describe, it } from "vitest";
import { ConnectionTurns, runForOwner } from "./connection-turns.ts";

function connection(): DatabaseConnection {
  return {
    executeQuery: () => Promise.reject(new Error("nothing is asked here")),
    streamQuery: () => assert.fail("nothing is asked here"),
  };
}

/** Turns of two connections, and what was begun by whom, in order. */
function twoConnections(limitMs = 60_000) {
  const turns = new ConnectionTurns({ connections: 2, limitMs });
  const begun: string[] = [];
  const begin = (name: string) =>
    turns.begin(async () => {
      begun.push(name);
      return connection();
    });
  return { turns, begun, begin };
}

describe("ConnectionTurns", () => {
  it("go round the owners, of whom each wait without one is another, also behind a promise", async () => {
    const { turns, begun, begin } = twoConnections();
    const held = await Promise.all([begin("1"), begin("2")]);
    const owned = async (owner: string, name: string) =>
      runForOwner(owner, async () => {
        await Promise.resolve();
        turns.end(await begin(name));
      });
    const all = [owned("ana", "a1"), owned("ana", "a2"), owned("ana", "a3"), owned("bia", "b1")];
    await Promise.resolve();
    await Promise.resolve();
    const unregisteredNumbers = ["n1", "n2"].map(async (name) => turns.end(await begin(name)));
    const [first] = held;
    assert.ok(first);
    turns.end(first);
    await Promise.all([...all, ...unregisteredNumbers]);
    assert.deepEqual(begun, ["1", "2", "a1", "b1", "n1", "n2", "a2", "a3"]);
  });

  it("are over when no connection could be had, or one is given back twice", async () => {
    const { turns, begin } = twoConnections();
    for (let times = 0; times < 3; times += 1)
      await assert.rejects(
        turns.begin(() => Promise.reject(new Error("gone"))),
        /gone/,
      );
    const [one, other] = await Promise.all([begin("1"), begin("2")]);
    assert.ok(one && other);
    turns.end(one);
    turns.end(one);
    const third = await begin("3");
    // There are no more than two at once.
    const fourth = begin("4");
    turns.end(other);
    turns.end(third);
    turns.end(await fourth);
  });

  it("are waited for no longer than they may", async () => {
    const { begin } = twoConnections(1);
    await Promise.all([begin("1"), begin("2")]);
    await assert.rejects(begin("3"), /no connection to the database became free in time/);
  });
});
