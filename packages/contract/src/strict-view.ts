import { asList, asObject, isObject, type Json, resolveIn } from "./document.ts";
import { mapSchemas } from "./map-schemas.ts";
import { onceFor } from "./once-for.ts";
import type { OpenApiDocument } from "./types.gen.ts";

/**
 * Derives the strict view of a contract, which the server and the tests validate answers against. The contract describes answers as
 * open, so that clients that validate them go on working when an answer gets a field more. In this view an object of an answer has the
 * described properties and no others (unless `x-open` says why it has), and what `x-strict` demands holds. The parts of an `allOf`
 * become one object: each part alone would refuse the properties of the others.
 * @returns the same view for the same document; clone it for a tool that modifies it
 */
export const strictView = onceFor((document: OpenApiDocument): OpenApiDocument => {
  const closing = (schema: Json): Json => {
    const { allOf, "x-strict": strict, ...own } = schema;
    const merged = allOf === undefined ? own : mergedOf(document, own, asList(allOf));
    return { ...merged, ...asObject(strict), ...(isOpenObject(merged) && closed) };
  };
  const { schemas, responses, ...others } = asObject(document.components);
  return {
    ...document,
    paths: mapSchemas(document.paths, closing),
    components: {
      ...others,
      schemas: mapSchemas(schemas, closing),
      responses: mapSchemas(responses, closing),
    },
  } as OpenApiDocument;
});

const closed = { additionalProperties: false };

function isOpenObject(schema: Json): boolean {
  return isObject(schema.properties) && !("additionalProperties" in schema) && !("x-open" in schema);
}

/** @returns one schema for all parts; a property that several describe must be as each of them says */
function mergedOf(document: OpenApiDocument, own: Json, parts: readonly unknown[]): Json {
  const resolved = parts.map((part) => resolveIn(document, part));
  const all = [...resolved, own];
  const names = [...new Set(all.flatMap(({ properties }) => Object.keys(asObject(properties))))];
  const properties = names.map((name) => {
    const described = all.flatMap((each) => {
      const properties = asObject(each.properties);
      return name in properties ? [properties[name]] : [];
    });
    return [name, described.length === 1 ? described[0] : { allOf: described }];
  });
  return {
    ...Object.assign({}, ...all),
    properties: Object.fromEntries(properties),
    required: [...new Set(all.flatMap(({ required }) => asList(required)))],
  };
}
