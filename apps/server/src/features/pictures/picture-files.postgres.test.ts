import assert from "node:assert/strict";
import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { it, type TestContext } from "vitest";
import { at, dataOf, textAt } from "../../test-support/call.ts";
import { describeOnPostgres } from "../../test-support/databases/test-database.ts";
import { temporaryFolder } from "../../test-support/processes/server-process.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const phones = ["5511900000000", "5511900000001"] as const;
const contactPhones = Array.from({ length: 5 }, (_, index) => `551198888888${index}`);

/** Two servers, each with its own folder and device, and room for two pictures. */
async function arrange(t: TestContext, makeFolder: (world: World) => Promise<string>) {
  const world = await startWorld({
    WUTS_PICTURE_CACHE_BYTES: "5000",
    WUTS_SECRET_KEY: "5e".repeat(32),
    // A server learns of deletions on other servers when it renews its leases.
    WUTS_LEASE_MS: "6000",
  });
  t.onTestFinished(() => world.stop());
  const { simulator } = world;
  for (const phone of phones) simulator.addAccount({ phone });
  for (const phone of contactPhones)
    simulator.addAccount({ phone, picture: { id: phone, image: jpeg(phone) } });
  const folder = await makeFolder(world);
  const another = await world.startAnother({ WUTS_DATA_DIR: folder });
  t.onTestFinished(() => another.stop());
  const server = async (one: Pick<World, "url" | "call">, dataDir: string, device: string) => ({
    device,
    files: () => readdir(join(dataDir, "pictures")),
    async fetch(person: string | undefined, id = device) {
      const query = `number=${person}&preview=false&device_id=${id}`;
      const response = await fetch(`${one.url}/contacts/profile-picture/image?${query}`, {
        headers: { authorization: `Bearer ${world.token}` },
      });
      assert.equal(response.status, 200);
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), jpeg(person ?? ""));
    },
  });
  const first = await server(world, world.dataDir, await world.pairedDevice(phones[0]));
  const id = textAt(
    dataOf(await another.call("/devices", { method: "POST", body: { name: "B" } }), 201),
    "id",
  );
  const qr = textAt(dataOf(await another.call(`/qr?device_id=${id}`)), "qr_code");
  const login = nextEvent(simulator.events, "login", ({ phone }) => phone === phones[1]);
  await simulator.account(phones[1]).scanQr(qr);
  await login;
  dataOf(await another.call(`/connect?device_id=${id}`, { method: "POST" }));
  return { world, another, first, second: await server(another, folder, id) };
}

/** Bytes that begin as a JPEG does. */
function jpeg(filling: string): Buffer {
  return Buffer.concat([Buffer.from("ffd8ff", "hex"), Buffer.alloc(1_997, filling)]);
}

const untilFiles = (count: number, files: () => Promise<string[]>) =>
  until(`${count} files`, async () => {
    const { length } = await files();
    return { found: length === count || undefined, seen: length };
  });

describeOnPostgres("The pictures that several servers keep", () => {
  for (const [what, makeFolder] of [
    ["", async (_: World, t: TestContext) => join(await temporaryFolder(t), "data")],
    [
      ", one of which runs on a copy of the other's data folder",
      async ({ dataDir }: World, t: TestContext) => {
        const copy = join(await temporaryFolder(t), "copy");
        await cp(dataDir, copy, { recursive: true });
        return copy;
      },
    ],
  ] as const) {
    it(`are counted for each, and go from its own folder${what}`, async (t) => {
      const { world, first, second } = await arrange(t, (world) => makeFolder(world, t));
      for (const person of contactPhones) for (const server of [first, second]) await server.fetch(person);
      for (const { files } of [first, second]) await untilFiles(2, files);
      const kept = await world.rows("select device_id, picture_id from kept_pictures order by 2, 1");
      assert.deepEqual(
        kept.map((row) => [at(row, "device_id"), at(row, "picture_id")]),
        contactPhones
          .slice(-2)
          .flatMap((person) => [first.device, second.device].sort().map((id) => [id, person])),
      );
    });
  }

  it("go from every folder when the device is deleted, and are kept where it was only moved away", async (t) => {
    const { world, another, first, second } = await arrange(t, async () =>
      join(await temporaryFolder(t), "data"),
    );
    await first.fetch(contactPhones[0]);
    const { id, token } = await world.addPerson();
    world.simulator.addAccount({ phone: "5511900000002" });
    const theirs = await world.pairedDevice("5511900000002", token);
    await first.fetch(contactPhones[1], theirs);
    await second.fetch(contactPhones[2]);
    assert.deepEqual([(await first.files()).length, (await second.files()).length], [2, 1]);
    dataOf(await another.call(`/users/${id}`, { method: "DELETE" }));
    await untilFiles(1, first.files);
    await first.fetch(contactPhones[0]);
    assert.equal(world.simulator.cdn.requests.total, 3);
  });
});
