import type { Contract, OperationDescription } from "@wuts/contract";
import { asObject, jsonBodyIn, parametersIn, resolveIn } from "@wuts/contract/document";
import type { RequestHandler } from "express";
import { operationOf } from "../pipeline/operation-matcher.ts";

/** RFC 9562, section 4: hexadecimal digits in either case. No braces, and no `urn:uuid:` before it. */
export const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Writes the UUIDs of a request in lower case, as they are stored: otherwise an id in upper case would pass validation and then
 * not be found.
 */
export function canonicalUuids({ document }: Contract): RequestHandler {
  const fields = new Map<OperationDescription, UuidFields>();
  return (request, _response, next) => {
    const operation = operationOf(request);
    if (!operation) return next();
    const { path, query, body } = fields.get(operation) ?? uuidFieldsOf(document, operation);
    fields.set(operation, { path, query, body });
    // Most requests have no digit in upper case. Express parses the query again for each new URL.
    if (/[A-F]/.test(request.url)) {
      const [before = "", ...after] = request.url.split("?");
      const newQuery = after.length === 0 ? [] : [inQuery(after.join("?"), query)];
      request.url = [inPath(before, operation.path, path), ...newQuery].join("?");
    }
    for (const name of body) {
      const value: unknown = asObject(request.body)[name];
      if (typeof value === "string" && uuidPattern.test(value)) request.body[name] = value.toLowerCase();
    }
    next();
  };
}

/** The names of an operation's fields that are UUIDs, by where they are. */
interface UuidFields {
  readonly path: ReadonlySet<string>;
  readonly query: ReadonlySet<string>;
  readonly body: ReadonlySet<string>;
}

function uuidFieldsOf(document: Contract["document"], operation: OperationDescription): UuidFields {
  const isUuid = (schema: unknown) => resolveIn(document, schema).format === "uuid";
  const parameters = parametersIn(document, operation).filter(({ schema }) => isUuid(schema));
  const namesIn = (place: string) =>
    new Set(parameters.filter((each) => each.in === place).map(({ name }) => String(name)));
  const { schema } = jsonBodyIn(document, operation);
  const properties = Object.entries(asObject(resolveIn(document, schema).properties));
  const body = new Set(properties.filter(([, property]) => isUuid(property)).map(([name]) => name));
  return { path: namesIn("path"), query: namesIn("query"), body };
}

function inPath(path: string, template: string, names: ReadonlySet<string>): string {
  const parts = template.split("/");
  const isNamed = (index: number) => names.has(parts[index]?.replaceAll(/[{}]/g, "") ?? "");
  return path
    .split("/")
    .map((part, index) => (isNamed(index) ? canonical(part) : part))
    .join("/");
}

function inQuery(query: string, names: ReadonlySet<string>): string {
  return query
    .split("&")
    .map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return names.has(name) ? `${name}=${canonical(value.join("="))}` : pair;
    })
    .join("&");
}

/** @param written percent-encoded @returns it in lower case if it is a UUID, else as it is */
function canonical(written: string): string {
  if (!/[A-F]/.test(written)) return written;
  try {
    const text = decodeURIComponent(written);
    return uuidPattern.test(text) ? text.toLowerCase() : written;
  } catch {
    return written;
  }
}
