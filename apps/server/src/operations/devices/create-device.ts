import type { Operation } from "../operation.ts";

export const createDevice: Operation<"createDevice"> = async ({ body, caller, keep }, { devices }) => ({
  status: 201,
  data: await devices.create(caller, body, keep),
});
