import type { Operation } from "../operation.ts";

export const getTenant: Operation<"getTenant"> = async ({ path }, { tenants }) => ({
  status: 200,
  data: await tenants.find(path.tenant_id),
});
