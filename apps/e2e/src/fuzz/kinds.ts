import type { Kind } from "./wrong/wrong.ts";
import { bodyKinds } from "./wrong/wrong-bodies.ts";
import { callerKinds } from "./wrong/wrong-callers.ts";
import { parameterKinds } from "./wrong/wrong-parameters.ts";
import { wireKinds } from "./wrong/wrong-wires.ts";

/** All that can be wrong about a request, by name. */
export const kinds: Readonly<Record<string, Kind>> = {
  ...parameterKinds,
  ...bodyKinds,
  ...callerKinds,
  ...wireKinds,
};
