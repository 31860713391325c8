import type { Operation } from "../operation.ts";

export const registerTenant: Operation<"registerTenant"> = async ({ body, caller, keep }, { tenants }) => ({
  status: 201,
  data: await tenants.register(caller, body, keep),
});
