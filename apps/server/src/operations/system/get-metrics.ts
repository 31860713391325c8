import type { Operation } from "../operation.ts";

export const getMetrics: Operation<"getMetrics"> = async (_input, { metrics }) => ({
  status: 200,
  body: await metrics.text(),
});
