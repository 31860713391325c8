import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { it } from "vitest";
import { assertRefused, call, dataOf } from "../../test-support/call.ts";
import { describeOnPostgres } from "../../test-support/databases/test-database.ts";
import { startServerProcess } from "../../test-support/processes/server-process.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import { startWorld } from "../../test-support/world.ts";
import { sendWith } from "../../test-support/worlds/keyed-requests.ts";

const owner = "5511900000000";
const pairing = "iq md set/link_code_companion_reg";

describeOnPostgres("A server beside one that is killed with a request under way", () => {
  it("takes the key over when the other does not count as running any more, and not before", async (t) => {
    const world = await startWorld({ WUTS_LEASE_MS: "3000" });
    t.onTestFinished(() => world.stop());
    const { simulator, token } = world;
    simulator.addAccount({ phone: owner });
    const path = `/paircode?device_id=${await world.createDevice()}`;
    const other = startServerProcess(t, {
      ...world.place,
      WUTS_PORT: "0",
      WUTS_WHATSAPP_URL: simulator.url,
      WUTS_LOG_LEVEL: "error",
      WUTS_LEASE_MS: "3000",
    });
    const url = await other.listening;
    const key = randomUUID();
    const request = { path, method: "POST", body: { number: owner } } as const;
    const heal = simulator.faults.silence(pairing);
    const asked = nextEvent(simulator.events, "stanza", () => simulator.received.get(pairing) === 1);
    const ofOther = (path: string, options: object = {}) => call(`${url}${path}`, { token, ...options });
    const cut = assert.rejects(sendWith(ofOther, key, request));
    await asked;
    assertRefused(await sendWith(world.call, key, request), 409, "IDEMPOTENCY_KEY_IN_USE");
    await other.end("SIGKILL");
    await cut;
    heal();
    const seen = new Set<number>();
    const answer = await until("the key to be free", async () => {
      const found = await sendWith(world.call, key, request);
      seen.add(found.status);
      return { found: found.status === 200 ? found : undefined, seen: found.body };
    });
    assert.equal(answer.headers.get("idempotency-replayed"), null);
    assert.ok(seen.has(409), "the key was free at once");
    const again = await sendWith(world.call, key, request);
    assert.equal(again.headers.get("idempotency-replayed"), "true");
    assert.deepEqual(dataOf(again), dataOf(answer));
  });
});
