import type { Contract, OperationDescription } from "@wuts/contract";
import { asObject, isObject, type Json, jsonBodyIn, operationIn, resolveIn } from "@wuts/contract/document";

import { canonicalForms } from "./fields.ts";

/**
 * Makes the responses of an operation that takes lists, and answers with an item for each of theirs, be about what was asked:
 * the examples have items of their own.
 */
export interface AskedItems {
  /** @returns the body of a success with an item for each that was asked */
  inOnePiece(example: unknown, body: unknown): unknown;
  /** As `inOnePiece`, for a success in lines. */
  inLines(example: string, body: unknown): string;
}

/** @returns `undefined` for an operation whose responses have no such items */
export function askedItemsOf(contract: Contract, operation: OperationDescription): AskedItems | undefined {
  const { lists, bodies } = requestExamples(contract, operation);
  const examples = successExamples(contract, operation);
  const items = examples.flatMap((each) => itemsIn(each));
  const [template] = items;
  if (template === undefined) return undefined;
  const texts = bodies.flatMap((body) => textsIn(body, lists));
  // The field that repeats what was asked.
  const field = Object.keys(template).find((name) => texts.includes(String(template[name])));
  if (field === undefined) return undefined;
  const itemFor = (asked: string): Json => {
    const known = items.find((item) => userOf(String(item[field])) === userOf(asked));
    return { ...about(known ?? template, String((known ?? template)[field]), asked), [field]: asked };
  };
  return {
    inOnePiece(example, body) {
      const answer = asObject(example);
      const data = { ...asObject(answer.data), items: textsIn(body, lists).map(itemFor) };
      return { ...answer, data };
    },
    inLines(example, body) {
      const first = asObject(JSON.parse(example.split("\n")[0] ?? ""));
      const asked = textsIn(body, lists);
      const lines = asked.map((each, index) => ({
        ...first,
        data: { ...asObject(first.data), done: index + 1, total: asked.length, item: itemFor(each) },
      }));
      return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    },
  };
}

/** @returns the names of the body's lists of strings, in the contract's order, and the bodies of its examples */
function requestExamples({ document }: Contract, operation: OperationDescription) {
  const { schema, examples } = jsonBodyIn(document, operation);
  const { properties } = resolveIn(document, schema);
  const lists = Object.entries(asObject(properties))
    .filter(([, schema]) => resolveIn(document, schema).type === "array")
    .map(([name]) => name);
  const bodies = Object.values(asObject(examples)).map((example) => resolveIn(document, example).value);
  return { lists, bodies };
}

function successExamples({ document }: Contract, operation: OperationDescription): unknown[] {
  const { content } = resolveIn(document, asObject(operationIn(document, operation).responses)["200"]);
  const { examples } = asObject(asObject(content)["application/json"]);
  return Object.values(asObject(examples)).map((example) => resolveIn(document, example).value);
}

function itemsIn(example: unknown): Json[] {
  const { items } = asObject(asObject(example).data);
  return Array.isArray(items) ? items.filter(isObject) : [];
}

function textsIn(body: unknown, lists: readonly string[]): string[] {
  return lists
    .flatMap((name): unknown[] => {
      const list = asObject(body)[name];
      return Array.isArray(list) ? list : [];
    })
    .filter((each) => typeof each === "string");
}

/** Copies an item about one contact to be about another, wherever it has their JID or number. */
function about(value: Json, one: string, other: string): Json {
  const renamed = new Map([
    [jidOf(one), jidOf(other)],
    [userOf(one), userOf(other)],
  ]);
  const copy = (part: unknown): unknown => {
    if (typeof part === "string") return renamed.get(part) ?? part;
    if (Array.isArray(part)) return part.map(copy);
    if (!isObject(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, copy(each)]));
  };
  return asObject(copy(value));
}

/** @returns the part before the `@` of a JID, without the device, or the digits of a phone number */
function userOf(asked: string): string {
  const form = asked.includes("@") ? canonicalForms.ContactOrGroupJid : canonicalForms.WrittenPhoneNumber;
  return form(asked).split("@")[0] ?? "";
}

function jidOf(asked: string): string {
  const [, server = "s.whatsapp.net"] = asked.split("@");
  return `${userOf(asked)}@${server}`;
}
