import type { OperationDescription } from "@wuts/contract";
import type { MockedOperation } from "../engine.ts";
import { type FieldError, refusals } from "./refusal.ts";

/** @returns the operation. @throws Refusal as the server does: 404, or 405 when only the method is wrong */
export function findOperation(
  operations: readonly MockedOperation[],
  method: string,
  path: string,
): MockedOperation {
  const here = operations.filter((operation) => matches(operation.path, path));
  if (here.length === 0) throw refusals.notFound();
  const operation = here.find((candidate) => candidate.method.toUpperCase() === method);
  if (operation === undefined) throw refusals.methodNotAllowed(here.map((o) => o.method.toUpperCase()));
  return operation;
}

/** Checks the percent-encoding of path parameters: Prism crashes on one such as `%ZZ`. */
export function checkPath(operation: OperationDescription, path: string): void {
  const parts = path.split("/");
  const problems = operation.path.split("/").flatMap((part, index): FieldError[] => {
    if (isDecodable(parts[index] ?? "")) return [];
    return [{ field: part.replaceAll(/[{}]/g, ""), message: "must be percent-encoded UTF-8" }];
  });
  if (problems.length > 0) throw refusals.invalid(problems);
}

/** Accepts any UUID v4 as a token, with the scheme `Bearer` in any case, or bare. */
export function authorise(operation: OperationDescription, authorization: string | undefined): void {
  const token = /^(?:bearer +)?([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/i;
  if (!operation.public && !token.test(authorization?.trim() ?? "")) throw refusals.unauthorized();
}

/** Checks what Prism does not: unknown, repeated and empty query parameters, and `x-requires-one-of`. */
export function checkQuery({ fields, requiresOneOf }: MockedOperation, query: URLSearchParams): void {
  const known = fields.filter((field) => field.in === "query").map(({ name }) => name);
  const problems: FieldError[] = [...new Set(query.keys())].flatMap((field) => {
    if (!known.includes(field)) return [{ field, message: "is not known" }];
    if (query.getAll(field).length > 1) return [{ field, message: "must not be repeated" }];
    if (query.get(field) === "") return [{ field, message: "must not be empty" }];
    return [];
  });
  if (!requiresOneOf.some((name) => query.has(name))) {
    const message = `either ${requiresOneOf.join(" or ")} is required`;
    problems.push(...requiresOneOf.map((field) => ({ field, message })));
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
