import assert from "node:assert/strict";
import { Mutex } from "async-mutex";
import { describe, it } from "vitest";
import { workSoFar } from "./work-so-far.ts";

describe("workSoFar", () => {
  it("waits for what was given to the mutex before", async () => {
    const mutex = new Mutex();
    const done: string[] = [];
    for (const name of ["one", "two"]) void mutex.runExclusive(async () => done.push(name));
    await workSoFar(mutex);
    assert.deepEqual(done, ["one", "two"]);
  });

  it("does not wait for what is given to it afterwards, of which there is always some more", async () => {
    const mutex = new Mutex();
    let isOver = false;
    let turns = 0;
    const again = async (): Promise<void> => {
      turns += 1;
      await mutex.runExclusive(() => Promise.resolve());
      if (!isOver && turns < 1_000) await again();
    };
    const busy = Promise.all([again(), again()]);
    await workSoFar(mutex);
    isOver = true;
    await busy;
    assert.ok(turns < 10, `${turns} turns were waited for`);
  });

  it("resolves at once when there is nothing, and after work that failed", async () => {
    const mutex = new Mutex();
    await workSoFar(mutex);
    const failing = mutex.runExclusive(() => Promise.reject(new Error("refused")));
    await Promise.all([assert.rejects(failing, /refused/), workSoFar(mutex)]);
  });
});
