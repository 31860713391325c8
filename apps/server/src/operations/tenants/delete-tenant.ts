import type { Operation } from "../operation.ts";

export const deleteTenant: Operation<"deleteTenant"> = async ({ path, caller }, { tenants }) => {
  const { name, at, users, devices, unlinked } = await tenants.delete(caller, path.tenant_id);
  return {
    status: 200,
    data: {
      tenant_id: path.tenant_id,
      tenant_name: name,
      deleted_at: at.toISOString(),
      users,
      devices,
      unlinked,
    },
  };
};
