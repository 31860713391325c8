import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ConnectionInfo } from "@wuts/whatsapp-simulator";
import { type Answer, assertRefused, assertRetryAfter, at, dataOf, listAt } from "../test-support/call.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { type AnotherServer, startWorld, type World } from "../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";
/** Short, so that what runs out does so soon. */
const leaseMs = 1_500;

describe("Two servers on one database", () => {
  let world: World;
  let other: AnotherServer;
  let device: string;
  /** The connections of the device's account that are open, and the most that there were at once. */
  const open = new Set<string>();
  let mostOpen = 0;
  before(async () => {
    world = await startWorld({ WUTS_LEASE_MS: `${leaseMs}` });
    world.simulator.addAccount({ phone: owner });
    world.simulator.addAccount({ phone: ana, picture: { id: "1" } });
    device = await world.pairedDevice(owner);
    world.simulator.events.on("disconnected", ({ id }: ConnectionInfo) => open.delete(id));
    other = await world.startAnother();
  });
  after(async () => {
    await other.stop();
    await world.stop();
  });

  const status = (server: Pick<World, "call">) => server.call(`/status?device_id=${device}`);
  const untilConnectedAt = (server: Pick<World, "call">) =>
    until("the device to be connected there", async () => {
      const { body } = await status(server);
      return { found: at(body, "data", "state") === "connected" || undefined, seen: body };
    });
  const listedBy = async (server: Pick<World, "call">) =>
    listAt(dataOf(await server.call("/devices")), "items").map((item) => at(item, "state"));

  it("never both work with a device: the other one says where it is not", async () => {
    const asked: Record<string, () => Promise<Answer>> = {
      "GET /status": () => status(other),
      "GET /devices/{device_id}": () => other.call(`/devices/${device}`),
      "POST /connect": () => other.call("/connect", { method: "POST" }),
      "POST /disconnect": () => other.call("/disconnect", { method: "POST" }),
      "POST /logout": () => other.call("/logout", { method: "POST" }),
      "GET /qr": () => other.call("/qr"),
      "DELETE /devices/{device_id}": () => other.call(`/devices/${device}`, { method: "DELETE" }),
      "GET /contacts/profile-picture": () => other.call(`/contacts/profile-picture?number=${ana}`),
    };
    for (const ask of Object.values(asked)) {
      const answer = await ask();
      assertRefused(answer, 503, "DEVICE_ELSEWHERE");
      assertRetryAfter(answer, 1, 1);
    }
    dataOf(await world.call(`/contacts/profile-picture?number=${ana}`));
    assert.equal(world.simulator.account(owner).devices.length, 1);
  });

  it("both list it, with the state that the one tells the other", async () => {
    await until("the state to be told", async () => {
      const seen = await listedBy(other);
      return { found: seen[0] === "connected" || undefined, seen };
    });
    assert.deepEqual(await listedBy(world), ["connected"]);
  });
});
