import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { pairAndLogIn } from "../test-support/baileys-client.ts";
import { linkDevice, logIn, NoiseClient } from "../test-support/noise-client.ts";
import { withSimulator } from "../test-support/with-simulator.ts";

const PHONE = "5511999999999";
/** What a timer may be early by. */
const EARLY_MS = 2;

/** @returns milliseconds */
async function timeOf(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work;
  return performance.now() - start;
}

describe("latency", () => {
  it("counts for the handshake, for answers, and for what the server says on its own", async (t) => {
    const latency = 60;
    const simulator = await withSimulator(t, { latency });
    const account = simulator.addAccount({ phone: PHONE });
    const login = await linkDevice(simulator, PHONE);
    const client = await NoiseClient.connect(simulator.url);
    const waits = [
      await timeOf(client.handshake(login)),
      await timeOf(client.nextStanza()),
      await timeOf(client.ask({ type: "get", xmlns: "w:p" })),
    ];
    account.setPicture({ id: "1" });
    waits.push(await timeOf(client.nextStanza(({ tag }) => tag === "notification")));
    for (const wait of waits) assert.ok(wait >= latency - EARLY_MS, `${waits}`);
    // What was said last comes before the end.
    account.unlink();
    assert.equal((await client.nextStanza(({ tag }) => tag === "stream:error")).attrs.code, "401");
    await client.closed;
  });

  it("can differ for each stanza, and none overtakes another", async (t) => {
    const seen: string[] = [];
    const simulator = await withSimulator(t, {
      latency: (stanza, { phone }) => {
        if (phone === undefined) return 0;
        seen.push(stanza.tag);
        return stanza.tag === "success" ? 400 : 0;
      },
    });
    simulator.addAccount({ phone: PHONE });
    const login = await linkDevice(simulator, PHONE);
    const client = await NoiseClient.connect(simulator.url);
    await client.handshake(login);
    let first: string | undefined;
    const wait = await timeOf(client.nextStanza().then(({ tag }) => (first = tag)));
    assert.deepEqual(
      [first, (await client.nextStanza()).tag, seen.slice(0, 2)],
      ["success", "ib", ["success", "ib"]],
    );
    assert.ok(wait >= 400 - EARLY_MS, `${wait}`);
    assert.ok((await timeOf(client.ask({ type: "get", xmlns: "w:p" }))) < wait);
    await client.end();
  });

  it("is none by default", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    const client = await logIn(simulator, await linkDevice(simulator, PHONE));
    assert.equal((await client.ask({ type: "get", xmlns: "w:p" })).attrs.type, "result");
    await client.end();
  });

  it("does Baileys no harm", async (t) => {
    const simulator = await withSimulator(t, { latency: 10 });
    const account = simulator.addAccount({ phone: PHONE });
    const client = await pairAndLogIn(simulator, PHONE);
    assert.equal(account.devices[0]?.connected, true);
    await client.end();
  });
});
