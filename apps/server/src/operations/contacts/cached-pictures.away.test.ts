import assert from "node:assert/strict";
import { beforeAll, describe, it } from "vitest";
import { at, dataOf, listAt } from "../../test-support/call.ts";
import { nextEvent } from "../../test-support/until.ts";
import type { World } from "../../test-support/world.ts";
import {
  idOf,
  owner,
  shareWorldOfAnswers,
  type Users,
  unregistered,
} from "../../test-support/worlds/cached-pictures.ts";

describe("What WhatsApp said of pictures, when the device was away or its account is gone", () => {
  let world: World;
  let to: Users;
  shareWorldOfAnswers((shared) => {
    ({ world, to } = shared);
  });

  describe("is forgotten when the picture was changed while", () => {
    const away = async (leave: () => Promise<unknown>) => {
      const gone = nextEvent(world.simulator.events, "disconnected");
      await leave();
      await gone;
    };

    it("the device was disconnected", async () => {
      const person = to.someone();
      for (const preview of [0, 1]) idOf(await to.look(`number=${person.phone}&preview=${preview}`));
      await away(() => world.call("/disconnect", { method: "POST" }));
      person.setPicture({ id: "1800000009" });
      dataOf(await world.call("/connect", { method: "POST" }));
      for (const preview of [0, 1])
        assert.equal(idOf(await to.look(`number=${person.phone}&preview=${preview}`)), "1800000009");
    });

    it("the connection was lost", async () => {
      const [device] = listAt(dataOf(await world.call("/devices")), "items");
      const person = to.someone();
      idOf(await to.look(`number=${person.phone}`));
      await away(async () => world.simulator.faults.close(owner, "tcp-drop"));
      person.setPicture({ id: "1800000010" });
      await world.untilState(String(at(device, "id")), "connected");
      assert.equal(idOf(await to.look(`number=${person.phone}`)), "1800000010");
    });

    it("the server was stopped", async () => {
      const person = to.someone();
      idOf(await to.look(`number=${person.phone}`));
      await away(() => world.stopServer());
      person.setPicture({ id: "1800000011" });
      await world.restartServer();
      dataOf(await world.call("/connect", { method: "POST" }));
      assert.equal(idOf(await to.look(`number=${person.phone}`)), "1800000011");
    });

    it("the device was away, and WhatsApp has not yet said all that it missed", async () => {
      const [person, other] = [to.someone(), to.someone()];
      for (const { phone } of [person, other]) idOf(await to.look(`number=${phone}`));
      await away(() => world.call("/disconnect", { method: "POST" }));
      person.setPicture({ id: "1800000012" });
      world.simulator.faults.withholdOffline();
      dataOf(await world.call("/connect", { method: "POST" }));
      world.simulator.received.reset();
      assert.equal(idOf(await to.look(`number=${person.phone}`)), "1800000012");
      dataOf(await to.lookUp([other.phone]));
      assert.equal(to.asked(), 2);
      assert.equal(await to.changed(() => world.simulator.faults.reset(), person.jid), 1);
      dataOf(await to.lookUp([other.phone]));
      assert.equal(to.asked(), 2);
    });
  });

  describe("goes with the account", () => {
    const another = "5511922222222";
    const newDevice = async () => {
      const id = await world.pairedDevice(another);
      const query = `number=${to.someone().phone}&device_id=${id}`;
      idOf(await to.look(query));
      assert.equal(await rowsOf(id), 1);
      return { id, query };
    };
    const rowsOf = async (id: string) =>
      (await world.rows("select * from picture_answers where device_id = ?", id)).length;
    beforeAll(() => {
      world.simulator.addAccount({ phone: another });
    });

    it("that is logged out", async () => {
      const { id } = await newDevice();
      dataOf(await world.call(`/logout?device_id=${id}`, { method: "POST" }));
      assert.equal(await rowsOf(id), 0);
    });

    it("that is unlinked on the phone", async () => {
      const { id } = await newDevice();
      world.simulator.account(another).unlink();
      await world.untilState(id, "logged_out");
      dataOf(await world.call(`/status?device_id=${id}`));
      await world.restartServer();
      assert.equal(await rowsOf(id), 0);
    });

    it("whose device is deleted", async () => {
      const { id } = await newDevice();
      dataOf(await world.call(`/devices/${id}`, { method: "DELETE" }));
      assert.equal(await rowsOf(id), 0);
    });

    it("in whose place another one is linked, whatever a crash has left", async () => {
      const { id } = await newDevice();
      dataOf(await world.call(`/logout?device_id=${id}`, { method: "POST" }));
      const left = [
        id,
        `${unregistered}@s.whatsapp.net`,
        "preview",
        "hidden",
        `${unregistered}@s.whatsapp.net`,
      ];
      await world.write(
        `insert into picture_answers (device_id, asked_jid, picture_size, outcome, jid, told_at)
         values (?, ?, ?, ?, ?, ?)`,
        ...left,
        new Date().toISOString(),
      );
      dataOf(await world.call(`/qr?device_id=${id}`));
      assert.equal(await rowsOf(id), 0);
    });
  });
});
