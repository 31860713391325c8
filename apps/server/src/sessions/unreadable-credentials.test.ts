import assert from "node:assert/strict";
import { wutsContract } from "@wuts/contract";
import { afterAll, beforeAll, describe, it } from "vitest";
import { createLog } from "../observability/log.ts";
import { assertRefused, at, call, dataOf } from "../test-support/call.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const [broken, healthy] = ["5511900000000", "5511900000001"];
const ana = "5511999999999";
const refusal = "a stored secret of the device cannot be read";

describe("A device whose stored credentials were tampered with", () => {
  const lines: string[] = [];
  let world: World;
  let [brokenDevice, healthyDevice] = ["", ""];
  beforeAll(async () => {
    const log = createLog("info", wutsContract.secretFields, { write: (line) => void lines.push(line) });
    world = await startWorld({}, { overrides: { log } });
    for (const phone of [broken, healthy]) world.simulator.addAccount({ phone });
    world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    brokenDevice = await world.pairedDevice(broken);
    healthyDevice = await world.pairedDevice(healthy);
  });
  afterAll(() => world.stop());

  const refusals = () =>
    lines.map((line): unknown => JSON.parse(line)).filter((line) => at(line, "msg") === refusal);
  const picture = (device: string) =>
    world.call(`/contacts/profile-picture?number=${ana}&device_id=${device}`);

  it("says so in the log, and takes no other device along, when its Signal keys cannot be read", async () => {
    await world.write("update signal_keys set value = substr(value, 4) where device_id = ?", brokenDevice);
    lines.length = 0;
    await world.simulator.account(ana).sendMessage(broken, { conversation: "Are you there?" });
    const line = await until("a line in the log", async () => ({ found: refusals()[0], seen: lines }));
    assert.partialDeepStrictEqual(line, { level: 50, device_id: brokenDevice });
    assert.equal(at(line, "err", "type"), "SecretUnreadable");

    const receipts = new Map<string, string | undefined>();
    const listen = ({
      stanza: { tag, attrs },
    }: {
      stanza: { tag: string; attrs: Record<string, string> };
    }) => {
      if (tag === "receipt") receipts.set(attrs.id ?? "", attrs.type);
    };
    world.simulator.events.on("stanza", listen);
    const id = await world.simulator.account(ana).sendMessage(healthy, { conversation: "And you?" });
    await until("a receipt", async () => ({ found: receipts.has(id) || undefined, seen: [...receipts] }));
    world.simulator.events.off("stanza", listen);
    assert.notEqual(receipts.get(id), "retry");
    dataOf(await picture(healthyDevice));
  });

  it("does not log in, says so in the log, and takes no other device along, when its identity cannot be read", async () => {
    await world.stopServer();
    const [stolen] = await world.rows("select creds from credentials where device_id = ?", healthyDevice);
    await world.write(
      "update credentials set creds = ? where device_id = ?",
      String(at(stolen, "creds")),
      brokenDevice,
    );
    const logins: string[] = [];
    const listen = ({ phone }: { phone: string }) => logins.push(phone);
    world.simulator.events.on("login", listen);
    lines.length = 0;
    await world.restartServer();
    await world.untilState(healthyDevice, "connected");
    await world.untilState(brokenDevice, "disconnected");
    assert.partialDeepStrictEqual(refusals(), [{ device_id: brokenDevice }]);
    dataOf(await picture(healthyDevice));
    assertRefused(await picture(brokenDevice), 503, "DEVICE_NOT_READY");
    const connect = await world.call(`/connect?device_id=${brokenDevice}`, { method: "POST" });
    assertRefused(connect, 500, "INTERNAL_ERROR");
    world.simulator.events.off("login", listen);
    assert.deepEqual(logins, [healthy]);
  });

  it("can be logged out, and paired again", async () => {
    dataOf(await world.call(`/logout?device_id=${brokenDevice}`, { method: "POST" }));
    const qr = await call(`${world.url}/qr?device_id=${brokenDevice}`, { token: world.token });
    const login = nextEvent(world.simulator.events, "login");
    await world.simulator.account(broken).scanQr(String(at(dataOf(qr), "qr_code")));
    await login;
    dataOf(await world.call(`/connect?device_id=${brokenDevice}`, { method: "POST" }));
    dataOf(await picture(brokenDevice));
  });
});
