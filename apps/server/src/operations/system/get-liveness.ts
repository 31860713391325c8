import type { Operation } from "../operation.ts";

export const getLiveness: Operation<"getLiveness"> = () => ({ status: 200, data: { status: "alive" } });
