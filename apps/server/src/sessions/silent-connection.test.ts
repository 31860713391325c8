import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, describe, it, vi } from "vitest";
import { at, dataOf, textAt } from "../test-support/call.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { type Settings, startWorld, type World } from "../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const probes = "iq w:p get";

/** A paired device on a server that gets these settings after the pairing, which takes longer than some of them. */
async function worldWithDevice(settings: Settings) {
  const world = await startWorld();
  world.simulator.addAccount({ phone: owner });
  world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
  const device = await world.pairedDevice(owner);
  await world.restartServer(settings);
  await world.untilState(device, "connected");
  const status = async () => dataOf(await world.call(`/status?device_id=${device}`));
  const look = () => world.call(`/contacts/profile-picture?number=${ana}&device_id=${device}`);
  /** Resolves after `count` more probes. */
  const probed = async (count: number) => {
    for (let probe = 0; probe < count; probe += 1)
      await nextEvent(world.simulator.events, "stanza", ({ stanza }) => stanza.attrs.xmlns === "w:p");
  };
  return { world, device, status, look, probed };
}

describe("A device whose connection is gone without a word, and that waits to reconnect", () => {
  let world: World;
  let device: string;
  let status: () => Promise<unknown>;
  beforeAll(async () => {
    ({ world, device, status } = await worldWithDevice({
      WUTS_PROBE_INTERVAL_MS: "500",
      WUTS_PROBE_TIMEOUT_MS: "700",
      WUTS_RECONNECT_MIN_MS: "60000",
      WUTS_RECONNECT_MAX_MS: "60000",
    }));
  });
  afterAll(() => world.stop());

  it("is reconnecting when it was silent for as long as a sign of life may take, and not before", async () => {
    const unpluggedAt = performance.now();
    world.simulator.faults.close(owner, "unplugged");
    await world.untilState(device, "reconnecting");
    const tookMs = performance.now() - unpluggedAt;
    // Closing a WebSocket whose other end is gone takes 30 s.
    assert.ok(tookMs < 15_000, `${tookMs} ms`);
    const seen = await status();
    assert.partialDeepStrictEqual(seen, {
      connected: false,
      last_disconnect: { reason: "timed_out", code: 408 },
    });
    const [heardAt, endedAt] = [textAt(seen, "last_activity_at"), textAt(seen, "last_disconnect", "at")].map(
      Date.parse,
    );
    assert.ok(heardAt !== undefined && endedAt !== undefined && endedAt - heardAt >= 1_150);
  });
});

describe("A connected device whose WhatsApp is slow, or busy", () => {
  let world: World;
  let tools: Awaited<ReturnType<typeof worldWithDevice>>;
  let ends = 0;
  beforeAll(async () => {
    tools = await worldWithDevice({ WUTS_PROBE_INTERVAL_MS: "100", WUTS_PROBE_TIMEOUT_MS: "15000" });
    ({ world } = tools);
    world.simulator.events.on("disconnected", () => {
      ends += 1;
    });
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  it("is not given up as long as each sign of life comes in time", async () => {
    world.simulator.faults.latency(300, probes);
    await tools.probed(4);
    assert.equal(at(await tools.status(), "state"), "connected");
    assert.equal(ends, 0);
  });

  it("is not given up when anything else comes instead", async () => {
    world.simulator.faults.silence(probes);
    for (let round = 0; round < 4; round += 1) {
      await tools.probed(1);
      dataOf(await tools.look());
    }
    assert.equal(at(await tools.status(), "state"), "connected");
    assert.equal(ends, 0);
  });
});

describe("A connected device that hears of WhatsApp all the time", () => {
  it("asks for no sign of life", async (t) => {
    const intervalMs = 1_000;
    const { world, look } = await worldWithDevice({ WUTS_PROBE_INTERVAL_MS: `${intervalMs}` });
    t.onTestFinished(() => world.stop());
    world.simulator.received.reset();
    const startedAt = performance.now();
    let heardAt = startedAt;
    let silences = 0;
    while (performance.now() - startedAt < 3 * intervalMs) {
      dataOf(await look());
      // On a busy machine the connection may be silent without a fault.
      if (performance.now() - heardAt >= 0.8 * intervalMs) silences += 1;
      heardAt = performance.now();
    }
    assert.ok(world.simulator.received.get(probes) <= silences);
  });
});

describe("A device whose QR code waits to be scanned", () => {
  it("is unpaired when WhatsApp says nothing any more, and can be paired again", async (t) => {
    const world = await startWorld({ WUTS_PROBE_INTERVAL_MS: "500", WUTS_PROBE_TIMEOUT_MS: "1000" });
    t.onTestFinished(() => world.stop());
    const device = await world.createDevice();
    const asked = nextEvent(world.simulator.events, "stanza", ({ stanza }) => stanza.attrs.xmlns === "w:p");
    dataOf(await world.call(`/qr?device_id=${device}`));
    await asked;
    world.simulator.faults.closeAll("unplugged");
    assert.partialDeepStrictEqual(await world.untilState(device, "unpaired"), {
      last_disconnect: { reason: "timed_out", code: 408 },
    });
    dataOf(await world.call(`/qr?device_id=${device}`));
  });
});

describe("When WhatsApp last sent anything", () => {
  it("is told at once, and stored when that is older by more than a minute, whatever the clock does", async (t) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    t.onTestFinished(() => void vi.useRealTimers());
    const { world, device, status, look } = await worldWithDevice({});
    t.onTestFinished(() => world.stop());
    const stored = async () => at(await world.rows("select * from devices where id = ?", device), 0);
    const reported = async () => Date.parse(textAt(await status(), "last_activity_at"));
    const untilStored = (time: number) =>
      until("the time to be stored", async () => {
        const seen = Date.parse(textAt(await stored(), "last_activity_at"));
        return { found: seen >= time ? true : undefined, seen };
      });
    const changedAt = at(await stored(), "updated_at");
    dataOf(await look());
    const [before, storedBefore] = [await reported(), textAt(await stored(), "last_activity_at")];
    assert.equal(before, Date.now());

    vi.advanceTimersByTime(50_000);
    dataOf(await look());
    assert.equal(await reported(), before + 50_000);
    assert.equal(at(await stored(), "last_activity_at"), storedBefore);

    vi.advanceTimersByTime(11_000);
    dataOf(await look());
    assert.equal(await reported(), before + 61_000);
    await untilStored(before + 61_000);

    // The clock is put forward by a day, but the connection was not silent for that long.
    vi.advanceTimersByTime(86_400_000);
    dataOf(await look());
    assert.equal(at(await status(), "state"), "connected");
    await untilStored(before + 86_461_000);
    assert.equal(at(await stored(), "updated_at"), changedAt);

    vi.advanceTimersByTime(5_000);
    dataOf(await look());
    dataOf(await world.call(`/disconnect?device_id=${device}`, { method: "POST" }));
    assert.ok((await reported()) >= before + 86_466_000);
    assert.equal(Date.parse(textAt(await stored(), "last_activity_at")), await reported());
  });
});
