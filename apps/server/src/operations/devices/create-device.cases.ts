import { contractCases, deleteDevicesAfterwards, makeTenant } from "@wuts/contract-cases";

export const cases = contractCases("createDevice", ({ produces }) => [
  produces(201, "created", {
    world: "empty",
    request: { body: { name: "Reception" } },
    shows: { data: { name: "Reception", state: "unpaired", connected: false, jid: null } },
    arrange: deleteDevicesAfterwards,
  }),

  produces(409, "QUOTA_REACHED", {
    world: "full",
    async arrange(world, undo, send) {
      const { token, wuts } = (await makeTenant(world, undo)).admin;
      for (const name of ["One", "Two", "Three"]) await wuts.devices.create({ name });
      send({ token });
    },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "a blank name",
    request: { body: { name: "  " } },
    shows: { validation: [{ field: "name" }] },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "a field that is not known",
    request: { body: { name: "Reception", colour: "red" } },
    shows: { validation: [{ field: "colour" }] },
  }),
]);
