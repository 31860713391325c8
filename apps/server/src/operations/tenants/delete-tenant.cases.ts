import { contractCases, makeTenant } from "@wuts/contract-cases";

export const cases = contractCases("deleteTenant", ({ produces }) => [
  produces(200, "deleted", {
    async arrange(world, undo, send) {
      const { id, admin } = await makeTenant(world, undo);
      await admin.wuts.devices.create({ name: "Reception" });
      send({ path: { tenant_id: id } });
    },
  }),
]);
