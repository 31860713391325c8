import type { Kind } from "./wrong.ts";
import { bodyKinds } from "./wrong-bodies.ts";
import { callerKinds } from "./wrong-callers.ts";
import { parameterKinds } from "./wrong-parameters.ts";
import { wireKinds } from "./wrong-wires.ts";

/** All that can be wrong about a request, by name. */
export const kinds: Readonly<Record<string, Kind>> = {
  ...parameterKinds,
  ...bodyKinds,
  ...callerKinds,
  ...wireKinds,
};
