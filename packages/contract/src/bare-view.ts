import { mapSchemas } from "./map-schemas.ts";
import { onceFor } from "./once-for.ts";
import type { OpenApiDocument } from "./types.gen.ts";

/**
 * Derives the bare view of a contract: without what describes and shows, which is most of it, and which no validator reads. A server
 * keeps what it compiles for as long as it runs.
 * @returns the same view for the same document; clone it for a tool that modifies it
 */
export const bareView = onceFor(
  (document: OpenApiDocument): OpenApiDocument =>
    mapSchemas(document, (object) =>
      Object.fromEntries(Object.entries(object).filter(([key]) => !annotations.has(key))),
    ) as OpenApiDocument,
);

const annotations: ReadonlySet<string> = new Set([
  ...["description", "summary", "title", "example", "examples"],
  ...["x-enumDescriptions", "x-unsent-example"],
]);
