import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { sendBehindWrites } from "./write-ahead.ts";

/** A WebSocket client as Baileys has it, and writes that end when the test says so. */
function clientWithWrites() {
  const sent: unknown[] = [];
  const failures: unknown[] = [];
  let writes: Promise<void> | undefined;
  let confirmed: Promise<void> | undefined;
  const socket = {
    send(data: unknown, done?: (error?: Error) => void) {
      sent.push(data);
      done?.();
    },
  };
  sendBehindWrites({ socket }, { pendingWrites: () => writes, confirmed: () => confirmed }, (error) =>
    failures.push(error),
  );
  return {
    sent,
    failures,
    send: (data: string) => new Promise<Error | undefined>((resolve) => socket.send(data, resolve)),
    write() {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const done = () => {
        if (writes === promise) writes = undefined;
      };
      promise.then(done, () => undefined);
      writes = promise;
      return { resolve, reject };
    },
    /** Lets nothing leave until it is resolved. */
    doubt() {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const done = () => {
        if (confirmed === promise) confirmed = undefined;
      };
      promise.then(done, done);
      confirmed = promise;
      return { resolve, reject };
    },
  };
}

describe("sendBehindWrites", () => {
  it("sends at once when everything is durable", () => {
    const client = clientWithWrites();
    client.send("a");
    assert.deepEqual(client.sent, ["a"]);
  });

  it("holds frames back until the writes before them are durable, and keeps their order", async () => {
    const client = clientWithWrites();
    const first = client.write();
    const a = client.send("a");
    const b = client.send("b");
    assert.deepEqual(client.sent, []);
    const second = client.write();
    const c = client.send("c");
    first.resolve();
    await Promise.all([a, b]);
    assert.deepEqual(client.sent, ["a", "b"]);
    second.resolve();
    await c;
    await client.send("d");
    assert.deepEqual(client.sent, ["a", "b", "c", "d"]);
  });

  it("never sends what depends on a write that failed, nor anything after it", async () => {
    const client = clientWithWrites();
    const write = client.write();
    const a = client.send("a");
    const b = client.send("b");
    write.reject(new Error("disk full"));
    assert.match(String(await a), /could not be stored/);
    assert.match(String(await b), /could not be stored/);
    assert.match(String(await client.send("c")), /could not be stored/);
    assert.deepEqual(client.sent, []);
    assert.equal(client.failures.length, 3);
  });

  it("holds frames back until it is confirmed that they may be sent, also when that is doubted while they wait", async () => {
    const client = clientWithWrites();
    const doubt = client.doubt();
    const a = client.send("a");
    const another = client.doubt();
    doubt.resolve();
    const write = client.write();
    const b = client.send("b");
    write.resolve();
    // What is resolved has been heard of then.
    await new Promise(setImmediate);
    assert.deepEqual(client.sent, []);
    another.resolve();
    await Promise.all([a, b]);
    assert.deepEqual(client.sent, ["a", "b"]);
  });

  it("never sends what is not confirmed, nor anything after it", async () => {
    const client = clientWithWrites();
    const doubt = client.doubt();
    const [a, b] = [client.send("a"), client.send("b")];
    doubt.reject(new Error("another server has it"));
    assert.match(String(await a), /could not be stored, or confirmed/);
    assert.match(String(await b), /could not be stored, or confirmed/);
    assert.deepEqual(client.sent, []);
    assert.equal(client.failures.length, 2);
  });

  it("refuses a client that is not built as expected, instead of sending unguarded", () => {
    const auth = { pendingWrites: () => undefined, confirmed: () => undefined };
    for (const client of [{}, { socket: null }, { socket: {} }, { socket: { send: 1 } }]) {
      assert.throws(() => sendBehindWrites(client, auth, () => undefined), /Baileys/);
    }
  });
});
