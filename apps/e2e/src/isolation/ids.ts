import type { Contract, OperationDescription } from "@wuts/contract";
import { asObject, isObject, type Json, jsonBodyIn, parametersIn, resolveIn } from "@wuts/contract/document";

/** Where an operation is told the id of something. */
export interface IdPlace {
  readonly name: string;
  readonly in: "path" | "query" | "body";
  readonly required: boolean;
}

/**
 * Finds every id that an operation takes: what has the format `uuid`, in its path, its query or its body.
 * @throws Error for an id that is somewhere else, so that none goes without tests in silence
 */
export function idsIn({ document }: Contract, operation: OperationDescription): IdPlace[] {
  const parameters = parametersIn(document, operation).flatMap(({ name, in: place, required, schema }) =>
    idAt(`${place}`, `${name}`, required === true, asObject(schema)),
  );
  const body = resolveIn(document, jsonBodyIn(document, operation).schema);
  const { properties, required, ...rest } = body;
  const needed = Array.isArray(required) ? required : [];
  const fields = Object.entries(asObject(properties)).flatMap(([name, schema]) =>
    idAt("body", name, needed.includes(name), asObject(schema)),
  );
  if (holdsId(rest))
    throw new Error(`${operation.operationId} takes an id in a part of its body that is not looked at`);
  return [...parameters, ...fields];

  function idAt(place: string, name: string, isRequired: boolean, schema: Json): IdPlace[] {
    const isId = resolveIn(document, schema).format === "uuid";
    if (isId && (place === "path" || place === "query" || place === "body"))
      return [{ name, in: place, required: isRequired }];
    if (isId || holdsId(schema))
      throw new Error(
        `${operation.operationId} takes an id in the ${place}, within ${name}, which is not looked at`,
      );
    return [];
  }

  /** Whether an id may be anywhere in what a schema describes. */
  function holdsId(schema: unknown): boolean {
    if (Array.isArray(schema)) return schema.some(holdsId);
    if (!isObject(schema)) return false;
    const resolved = "$ref" in schema ? resolveIn(document, schema) : schema;
    return resolved.format === "uuid" || Object.values(resolved).some(holdsId);
  }
}
