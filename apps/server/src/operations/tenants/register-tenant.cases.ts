import { contractCases } from "@wuts/contract-cases";

const newTenant = { tenant_name: "Example Ltda", email: "admin@example.com" };

export const cases = contractCases("registerTenant", ({ produces }) => [
  produces(201, "registered", {
    request: { body: newTenant },
    shows: { data: { tenant: { name: newTenant.tenant_name }, user: { role: "admin" } } },
    async arrange({ master }, undo) {
      undo(async () => {
        const { items } = await master.tenants.list();
        const made = items.find(({ name }) => name === newTenant.tenant_name);
        if (made) await master.tenants.delete({ tenant_id: made.id });
      });
    },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "a role for the first user, who is always an admin",
    request: { body: { ...newTenant, role: "manager" } },
    shows: { validation: [{ field: "role" }] },
  }),
]);
