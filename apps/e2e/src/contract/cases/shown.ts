import { contract, type OperationDescription } from "@wuts/contract";
import { asList, asObject, isObject, type Json, operationIn, resolveIn } from "@wuts/contract/document";
import type { RawRequest } from "@wuts/contract-cases";
import { alternatives, answerSchema } from "../scenarios.ts";

/** An example of a response, by its name. */
interface Example {
  readonly status: number;
  readonly lines: boolean;
  readonly example: string;
}

/**
 * What of an example must be in every response that it is an example of, whatever server it comes from: what is `null`,
 * `true` or `false`, values that the schema lists, the text of an error, and what the request itself names, such as a
 * phone number and its JID.
 */
export function shownBy(
  operation: OperationDescription,
  shown: Example,
  request: RawRequest,
): object | undefined {
  if (shown.lines) return undefined;
  const response = resolveIn(
    contract,
    asObject(operationIn(contract, operation).responses)[`${shown.status}`],
  );
  const media = Object.values(asObject(response.content)).find(
    (each) => shown.example in asObject(asObject(each).examples),
  );
  const { value } = resolveIn(contract, asObject(asObject(media).examples)[shown.example]);
  if (!isObject(value)) return undefined;
  return asObject(settled(value, answerSchema(operation, shown), namedBy(request)));
}

/** @returns the part that is settled by contract and request; `undefined` if there is none */
function settled(value: unknown, schema: Json, named: readonly string[]): unknown {
  const possible = alternatives(schema);
  if (Array.isArray(value)) {
    const items = { anyOf: possible.map((alternative) => alternative.items ?? {}) };
    return value.map((item) => settled(item, items, named) ?? {});
  }
  if (isObject(value)) {
    const parts = Object.entries(value).map(([name, part]) => {
      if (name === "error") return [name, part];
      const property = { anyOf: possible.map(({ properties }) => asObject(properties)[name] ?? {}) };
      return [name, settled(part, property, named)];
    });
    return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
  }
  if (value === null || typeof value === "boolean") return value;
  const isListed = possible.some((alternative) => "enum" in alternative || "const" in alternative);
  return isListed || named.some((name) => value === name || value === `${name}@s.whatsapp.net`)
    ? value
    : undefined;
}

/** The texts that a request names: of its path, its query and the lists in its body. */
function namedBy({ path, query, body }: RawRequest): string[] {
  const values = [...Object.values({ ...path, ...query, ...body })].flatMap((value) => [
    value,
    ...asList(value),
  ]);
  return values.filter((value) => typeof value === "string");
}
