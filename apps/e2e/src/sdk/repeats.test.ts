import assert from "node:assert/strict";
import { createWuts } from "@wuts/client";
import { startSandbox } from "@wuts/sandbox";
import { afterAll, describe, it } from "vitest";

const sandbox = await startSandbox({ WUTS_PORT: "0", WUTS_LOG_LEVEL: "silent" });
afterAll(() => sandbox.stop());
const place = { baseUrl: sandbox.url, token: sandbox.token };

describe("a call that makes something, and whose response is lost", () => {
  it("is repeated, and makes it once", async () => {
    const names = async () => (await createWuts(place).devices.list()).items.map(({ name }) => name);
    const before = await names();
    const losing = losingFirst();
    const wuts = createWuts({ ...place, fetch: losing.fetch });
    const { data, status, headers } = await wuts.devices.create({ name: "Made once" }).withResponse();
    assert.deepEqual([losing.requests(), status], [2, 201]);
    assert.equal(headers.get("Idempotency-Replayed"), "true");
    assert.deepEqual(await names(), [...before, "Made once"]);
    assert.equal((await wuts.devices.get({ device_id: data.id })).name, "Made once");
  });

  it("makes another one when it is called again", async () => {
    const wuts = createWuts(place);
    const [one, other] = [
      await wuts.devices.create({ name: "Twice" }),
      await wuts.devices.create({ name: "Twice" }),
    ];
    assert.notEqual(one.id, other.id);
  });
});

/** A fetch that sends every request, and loses the first response. */
function losingFirst() {
  let requests = 0;
  const losing: typeof fetch = async (input, init) => {
    requests += 1;
    const response = await fetch(input, init);
    if (requests > 1) return response;
    await response.arrayBuffer();
    throw new TypeError("the connection was lost");
  };
  return { fetch: losing, requests: () => requests };
}
