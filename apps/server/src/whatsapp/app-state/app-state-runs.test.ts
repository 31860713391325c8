import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, it } from "vitest";
import type { WASocket } from "../protocol/baileys.ts";
import { AppStateEndless, AppStateRuns } from "./app-state-runs.ts";

/** As short as the test can wait for. */
const limits = { standstills: 2, questionsAtOnce: 3, pauseMs: 10, timeoutMs: 100, restMs: 60_000 };

/** A loop as rc14's is: the keys say from which version on it asks, and it never comes to an end. */
describe("A run that asks for app state", () => {
  let keys: WASocket["authState"]["keys"];
  let runs: AppStateRuns;
  let endless: AppStateEndless[];
  /** What is stored, by collection. */
  let versions: Record<string, number>;
  let questions: number;
  beforeEach(() => {
    [versions, questions, endless] = [{ regular: 0 }, 0, []];
    const socket = {
      authState: {
        keys: {
          get: async (_type: string, ids: string[]) =>
            Object.fromEntries(ids.map((id) => [id, { version: versions[id] }])),
          transaction: (work: () => Promise<unknown>) => work(),
        },
      },
      ws: new EventEmitter(),
    } as unknown as WASocket;
    runs = new AppStateRuns(socket, (error) => endless.push(error), limits);
    keys = socket.authState.keys;
  });
  afterEach(() => runs.end());

  /** @param grow what is new in each answer */
  const ask = (grow: () => void, names = ["regular"]) =>
    keys.transaction(async () => {
      for (;;) {
        for (const name of names) await keys.get("app-state-sync-version", [name]);
        questions += 1;
        grow();
        // The answer takes its time.
        await setTimeout(1);
      }
    }, "key");
  const standStill = () => undefined;
  const growForEver = () => {
    versions.regular = (versions.regular ?? 0) + 1;
  };

  it("ends when nothing new comes, and is reported by the names of what it asked for", async () => {
    await assert.rejects(ask(standStill, ["regular", "regular_low"]), AppStateEndless);
    assert.equal(questions, 1 + limits.standstills);
    assert.deepEqual(
      endless.map(({ collections }) => collections),
      [["regular", "regular_low"]],
    );
  });

  it("ends after its time when something new comes for ever, and asks slowly by then", async () => {
    await assert.rejects(ask(growForEver), /not complete after 100 ms/);
    const most = limits.questionsAtOnce + limits.timeoutMs / limits.pauseMs + 1;
    assert.ok(questions > limits.questionsAtOnce && questions <= most, `${questions} questions`);
    const asked = questions;
    await setTimeout(5 * limits.pauseMs);
    assert.equal(questions, asked, "it goes on behind its end");
  });

  it("is not begun again by WhatsApp for what had no end a moment ago, but for a request", async () => {
    await assert.rejects(ask(standStill), AppStateEndless);
    const asked = questions;
    await assert.rejects(ask(standStill), /had no end a moment ago/);
    assert.equal(questions, asked);
    await assert.rejects(
      runs.request(new AbortController().signal, () => ask(standStill)),
      AppStateEndless,
    );
    assert.equal(questions, asked + 1 + limits.standstills);
    assert.equal(endless.length, 2);
  });

  it("ends when the request for which it is does, for the reason of that", async () => {
    const request = new AbortController();
    const running = runs.request(request.signal, () => ask(growForEver));
    await setTimeout(2 * limits.pauseMs);
    request.abort(new Error("no request waits any more"));
    await assert.rejects(running, /no request waits any more/);
    const asked = questions;
    await setTimeout(5 * limits.pauseMs);
    assert.equal(questions, asked, "it goes on behind its end");
    assert.deepEqual(endless, []);
  });

  it("ends when the connection does", async () => {
    const running = ask(growForEver);
    await setTimeout(2 * limits.pauseMs);
    runs.end();
    await assert.rejects(running, /it is over/);
  });

  it("is no other transaction, which takes as long as it takes", async () => {
    const result = await keys.transaction(async () => {
      await setTimeout(2 * limits.timeoutMs);
      return "done";
    }, "key");
    assert.equal(result, "done");
  });
});
