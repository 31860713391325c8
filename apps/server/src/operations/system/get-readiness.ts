import type { Operation } from "../operation.ts";

export const getReadiness: Operation<"getReadiness"> = async (_input, { readiness }) => {
  const { restoring } = await readiness.check();
  return { status: 200, data: { status: "ready", restoring } };
};
