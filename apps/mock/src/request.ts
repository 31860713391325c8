import type { IHttpOperation } from "@stoplight/types";
import { type FieldError, refusals } from "./refusal.ts";

/** The operation at a path, or the refusal that the server gives: 404, or 405 when only the method is wrong. */
export function findOperation(
  operations: readonly IHttpOperation[],
  method: string,
  path: string,
): IHttpOperation {
  const here = operations.filter((operation) => matches(operation.path, path));
  if (here.length === 0) throw refusals.notFound();
  const operation = here.find((candidate) => candidate.method.toUpperCase() === method);
  if (operation === undefined) throw refusals.methodNotAllowed(here.map((o) => o.method.toUpperCase()));
  return operation;
}

/** Prism falls over a parameter in the path that is not well encoded, such as `%ZZ`. */
export function checkPath(operation: IHttpOperation, path: string): void {
  const parts = path.split("/");
  const problems = operation.path.split("/").flatMap((part, index): FieldError[] => {
    if (isDecodable(parts[index] ?? "")) return [];
    return [{ field: part.replaceAll(/[{}]/g, ""), message: "must be percent-encoded UTF-8" }];
  });
  if (problems.length > 0) throw refusals.invalid(problems);
}

/** Any UUID v4 is a token here, with the scheme `Bearer` in any case, or bare. */
export function authorise(operation: IHttpOperation, authorization: string | undefined): void {
  const isPublic = (operation.security ?? []).length === 0;
  const token = /^(?:bearer +)?([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/i;
  if (!isPublic && !token.test(authorization?.trim() ?? "")) throw refusals.unauthorized();
}

/** What Prism lets pass: unknown, repeated and empty query parameters, and the one rule that OpenAPI cannot express. */
export function checkQuery(operation: IHttpOperation, query: URLSearchParams): void {
  const known = (operation.request?.query ?? []).map(({ name }) => name);
  const problems: FieldError[] = [...new Set(query.keys())].flatMap((field) => {
    if (!known.includes(field)) return [{ field, message: "is not known" }];
    if (query.getAll(field).length > 1) return [{ field, message: "must not be repeated" }];
    if (query.get(field) === "") return [{ field, message: "must not be empty" }];
    return [];
  });
  if (known.includes("jid") && known.includes("number") && !query.has("jid") && !query.has("number")) {
    problems.push({ field: "jid", message: "either jid or number is required" });
  }
  if (problems.length > 0) throw refusals.invalid(problems);
}

function matches(template: string, path: string): boolean {
  const parts = path.split("/");
  const expected = template.split("/");
  return (
    parts.length === expected.length &&
    expected.every((part, index) => (part.startsWith("{") ? parts[index] !== "" : part === parts[index]))
  );
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
