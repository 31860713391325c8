import { contract, type OperationDescription } from "@wuts/contract";
import {
  asList,
  asObject,
  isObject,
  type Json,
  linesType,
  operationIn,
  resolveIn,
} from "@wuts/contract/document";
import type { Outcome } from "@wuts/mock";

/** The schema of the answer's body; of lines, that of the list of them. */
export function answerSchema(
  operation: OperationDescription,
  { status, lines }: Pick<Outcome, "status" | "lines">,
): Json {
  const response = resolveIn(contract, asObject(operationIn(contract, operation).responses)[`${status}`]);
  const content = asObject(response.content);
  const media = lines ? content[linesType] : Object.values(content)[0];
  const schema = resolveIn(contract, asObject(media).schema);
  return lines ? { type: "array", items: schema.contentSchema } : schema;
}

/**
 * How two bodies differ in what a front end branches on: the fields there are, which of them are `null`, and the values
 * that the schema lists. Elements of lists are compared as far as both lists go.
 */
export function differences(one: unknown, other: unknown, schema: Json, where = "body"): string[] {
  const kinds = [kindOf(one), kindOf(other)];
  if (kinds[0] !== kinds[1]) return [`${where} is ${kinds.join(" and ")}`];
  const possible = alternatives(schema);
  if (Array.isArray(one) && Array.isArray(other)) {
    const items = { anyOf: possible.map((alternative) => alternative.items ?? {}) };
    return one
      .slice(0, other.length)
      .flatMap((item, index) => differences(item, other[index], items, `${where}[${index}]`));
  }
  if (isObject(one) && isObject(other)) {
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((name) => {
      const property = { anyOf: possible.map(({ properties }) => asObject(properties)[name] ?? {}) };
      return differences(one[name], other[name], property, `${where}.${name}`);
    });
  }
  const isListed = possible.some((alternative) => "enum" in alternative || "const" in alternative);
  return isListed && one !== other ? [`${where} is ${one} and ${other}`] : [];
}

/** A schema and all that it may be instead, references followed. */
export function alternatives(reference: unknown): Json[] {
  const schema = resolveIn(contract, reference);
  const others = [schema.oneOf, schema.anyOf, schema.allOf].flatMap((schemas) => asList(schemas));
  return [schema, ...others.flatMap(alternatives)];
}

function kindOf(value: unknown): string {
  if (value === undefined) return "absent";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value;
}
