import { DatabaseSync } from "node:sqlite";
import { deleteDevicesAfterwards, makeDevice, makeTenant, pairDevice } from "../../support/arrangements.ts";
import { nobodysId, validRequest } from "../../support/valid-requests.ts";
import { type Case, produces } from "../case.ts";

export const deviceCases: readonly Case[] = [
  produces("listDevices", 200, "one", {
    shows: { data: { items: [{ state: "connected", connected: true }], next_cursor: null } },
  }),

  produces("listDevices", 200, "none", {
    world: "empty",
    shows: { data: { items: [], next_cursor: null } },
  }),

  produces("listDevices", 400, "VALIDATION_ERROR", {
    about: "a limit out of range",
    request: { query: { limit: "0" } },
    shows: { validation: [{ field: "limit" }] },
  }),

  produces("listDevices", 500, "INTERNAL_ERROR", {
    about: "a table of the database is gone",
    world: "empty",
    async arrange({ databaseFile }, undo) {
      const database = new DatabaseSync(databaseFile);
      undo(() => database.close());
      database.exec("ALTER TABLE devices RENAME TO gone");
      undo(() => database.exec("ALTER TABLE gone RENAME TO devices"));
    },
  }),

  produces("createDevice", 201, "created", {
    world: "empty",
    request: { body: { name: "Reception" } },
    shows: { data: { name: "Reception", state: "unpaired", connected: false, jid: null } },
    arrange: deleteDevicesAfterwards,
  }),

  produces("createDevice", 409, "QUOTA_REACHED", {
    world: "full",
    request: validRequest("createDevice"),
    async arrange(world, undo, send) {
      const { token, wuts } = (await makeTenant(world, undo)).admin;
      for (const name of ["One", "Two", "Three"]) await wuts.devices.create({ name });
      send({ token });
    },
  }),

  produces("createDevice", 400, "VALIDATION_ERROR", {
    about: "a blank name",
    request: { body: { name: "  " } },
    shows: { validation: [{ field: "name" }] },
  }),

  produces("createDevice", 400, "VALIDATION_ERROR", {
    about: "a field that is not known",
    request: { body: { name: "Reception", colour: "red" } },
    shows: { validation: [{ field: "colour" }] },
  }),

  produces("getDevice", 200, "connected", {
    request: { path: { device_id: nobodysId } },
    shows: { data: { state: "connected", connected: true } },
    arrange: async ({ deviceId }, _undo, send) => send({ path: { device_id: deviceId } }),
  }),

  produces("getDevice", 400, "VALIDATION_ERROR", {
    about: "an id that is none",
    request: { path: { device_id: "no-uuid" } },
    shows: { validation: [{ field: "device_id" }] },
  }),

  produces("deleteDevice", 200, "unlinked", {
    request: { path: { device_id: nobodysId } },
    shows: { data: { deleted: true, unlinked: true } },
    arrange: async (world, _undo, send) => send({ path: { device_id: await pairDevice(world) } }),
  }),

  produces("deleteDevice", 200, "offline", {
    request: { path: { device_id: nobodysId } },
    shows: { data: { deleted: true, unlinked: false } },
    async arrange(world, _undo, send) {
      const device_id = await pairDevice(world);
      await world.wuts.session.disconnect({ device_id });
      send({ path: { device_id } });
    },
  }),

  produces("updateDevice", 200, "paced", {
    request: { path: { device_id: nobodysId }, body: { name: "Reception", picture_pace_per_minute: 60 } },
    shows: { data: { name: "Reception", picture_pace_per_minute: 60 } },
    arrange: async (world, undo, send) => send({ path: { device_id: await makeDevice(world, undo) } }),
  }),

  produces("updateDevice", 200, "as-the-server", {
    request: { path: { device_id: nobodysId }, body: { picture_pace_per_minute: null } },
    shows: { data: { state: "connected", picture_pace_per_minute: null } },
    async arrange({ wuts, deviceId: device_id }, _undo, send) {
      await wuts.devices.update({ device_id, picture_pace_per_minute: 60 });
      send({ path: { device_id } });
    },
  }),

  produces("updateDevice", 400, "VALIDATION_ERROR", {
    about: "nothing to change",
    request: { path: { device_id: nobodysId }, body: {} },
  }),

  produces("updateDevice", 400, "VALIDATION_ERROR", {
    about: "a pace of none",
    request: { path: { device_id: nobodysId }, body: { picture_pace_per_minute: 0 } },
    shows: { validation: [{ field: "picture_pace_per_minute" }] },
  }),
];
