import { makeTenant } from "../../support/arrangements.ts";
import { somePassword, validRequest } from "../../support/valid-requests.ts";
import { type Case, produces } from "../case.ts";

const newTenant = { tenant_name: "Example Ltda", email: "admin@example.com", password: somePassword };

export const tenantCases: readonly Case[] = [
  produces("registerTenant", 201, "registered", {
    request: { body: { ...newTenant, role: "admin" } },
    shows: { data: { tenant: { name: newTenant.tenant_name }, user: { role: "admin" } } },
    async arrange({ master }, undo) {
      undo(async () => {
        const { items } = await master.tenants.list();
        const made = items.find(({ name }) => name === newTenant.tenant_name);
        if (made) await master.tenants.delete({ tenant_id: made.id });
      });
    },
  }),

  produces("registerTenant", 400, "VALIDATION_ERROR", {
    about: "a first user who is no admin",
    request: { body: { ...newTenant, role: "manager" } },
    shows: { validation: [{ field: "role" }] },
  }),

  produces("listTenants", 200, "one", {
    request: { query: { limit: "1" } },
  }),

  produces("getTenant", 200, "tenant", {
    request: validRequest("getTenant"),
    arrange: async ({ me }, _undo, send) => send({ path: { tenant_id: me.tenant.id } }),
  }),

  produces("deleteTenant", 200, "deleted", {
    request: validRequest("deleteTenant"),
    async arrange(world, undo, send) {
      const { id, admin } = await makeTenant(world, undo);
      await admin.wuts.devices.create({ name: "Reception" });
      send({ path: { tenant_id: id } });
    },
  }),
];
