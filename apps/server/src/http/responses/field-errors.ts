import type { Contract, FieldError, OperationDescription } from "@wuts/contract";
import {
  asList,
  asObject,
  examplesIn,
  type Json,
  jsonBodyIn,
  parametersIn,
  resolveIn,
} from "@wuts/contract/document";
import type { Request } from "express";
import { closestMatch } from "leven";
import { readPhoneNumber } from "../../operations/phone-number.ts";
import { fewValues } from "../contract/few-values.ts";
import { operationOf } from "../pipeline/operation-matcher.ts";

/** An error of express-openapi-validator. */
export interface ValidatorError {
  /** As `/query/limit`, `/params/device_id`, `/body/numbers/0` or `/body`. */
  readonly path: string;
  readonly message: string;
  /** As `maximum.openapi.validation`; empty for errors that come from no schema. */
  readonly errorCode: string;
}

/**
 * Says in words that a caller understands what is wrong with a field: what is expected, with an example, and what was given.
 * The validator knows the keyword of the schema that is broken; all else is read from the contract and the request.
 */
export function fieldErrorOf(contract: Contract, request: Request, error: ValidatorError): FieldError {
  const [place = "", ...names] = error.path.split("/").filter((part) => part !== "");
  const operation = operationOf(request);
  const field = names.length > 0 ? names.map(unescaped).join(".") : place || "body";
  if (!operation) return { field, message: error.message };
  const where: Where = { contract, operation, place, names: names.map(unescaped), request };
  // Node and the validator have the names of headers in lower case.
  const header = place === "headers" ? parameterAt(where)?.name : undefined;
  return { field: typeof header === "string" ? header : field, message: inWords(where, error) };
}

interface Where {
  readonly contract: Contract;
  readonly operation: OperationDescription;
  readonly place: string;
  readonly names: readonly string[];
  readonly request: Request;
}

function inWords(where: Where, { message, errorCode }: ValidatorError): string {
  const keyword = errorCode.replace(/\.openapi\.validation$/, "");
  if (keyword === "additionalProperties" || message.startsWith("Unknown query parameter"))
    return `is not known${advice(where)}`;
  if (message.startsWith("Empty value found")) return "must not be empty";
  const value = valueAt(where);
  // A query is text, so what is a list there was given several times.
  if (where.place === "query" && Array.isArray(value)) return "must be given only once";
  const schema = schemaAt(where);
  const limit = schema[keyword];
  const is = isSecret(where) ? "" : `, and is ${shown(value)}`;
  switch (keyword) {
    case "required":
      return "is required";
    case "type":
      return `must be ${typeInWords(schema)}${is}`;
    case "enum":
      return `must be ${listed((fewValues(schema) ?? []).map(String))}${is}`;
    case "minimum":
      return `must be at least ${limit}${is}`;
    case "maximum":
      return `must be at most ${limit}${is}`;
    case "minLength":
      return value === "" ? "must not be empty" : `must have at least ${counted(limit, "character")}`;
    case "maxLength":
      return `must have at most ${counted(limit, "character")}, and has ${[...String(value)].length}`;
    case "minItems":
      return `must have at least ${counted(limit, "item")}${hasItems(value)}`;
    case "maxItems":
      return `must have at most ${counted(limit, "item")}${hasItems(value)}`;
    case "uniqueItems":
      return "must not have the same item twice";
    case "maxProperties":
      return `must have at most ${counted(Object.keys(asObject(schema.properties)).length, "field")}, and has ${Object.keys(asObject(value)).length}`;
    case "minProperties":
      return `must have at least ${counted(limit, "field")}`;
    case "format":
    case "pattern":
      if (keyword === "format" && "x-checked-further" in schema)
        return `${readPhoneNumber(String(value)).problem}${is}`;
      return `must be ${described(schema, exampleOf(where))}${is}${hint(schema, value)}`;
    default:
      return message;
  }
}

function isSecret({ contract, names }: Where): boolean {
  return names.some((name) => contract.secretFields.includes(name));
}

/** @returns what the misspelled name may mean, or the names there are */
function advice(where: Where): string {
  const known = namesBeside(where);
  const name = where.names.at(-1) ?? "";
  const meant = closestMatch(name, known, { maxDistance: mostSlips });
  if (meant !== undefined) return `: did you mean ${meant}?`;
  return known.length > 0 && known.length <= mostListed ? `: there is ${listed(known, "and")}` : "";
}

/** The number of wrong, missing or extra letters in a name that counts as misspelled. */
const mostSlips = 3;

/** More names than this do not help. */
const mostListed = 20;

function namesBeside(where: Where): string[] {
  const { contract, operation, place, names } = where;
  if (place === "query")
    return parametersIn(contract.document, operation)
      .filter((parameter) => parameter.in === "query")
      .map(({ name }) => String(name));
  return Object.keys(asObject(schemaAt({ ...where, names: names.slice(0, -1) }).properties));
}

/** @returns an example of a parameter, or of the schema of a field */
function exampleOf(where: Where): unknown {
  if (isSecret(where)) return undefined;
  const ofParameter = examplesIn(where.contract.document, parameterAt(where) ?? {});
  const [first] = [...ofParameter, ...asList(schemaAt(where).examples)];
  return first;
}

function parameterAt({ contract: { document }, operation, place, names }: Where): Json | undefined {
  const wanted = { params: "path", headers: "header" }[place] ?? place;
  const isMeant = (name: unknown) =>
    name === names[0] || (wanted === "header" && String(name).toLowerCase() === names[0]);
  return parametersIn(document, operation).find((each) => each.in === wanted && isMeant(each.name));
}

/** @returns the schema of a field, with references resolved; an empty one when the contract has no such field */
function schemaAt(where: Where): Json {
  const { contract, operation, place, names } = where;
  const { document } = contract;
  if (place === "body") {
    const { schema } = jsonBodyIn(document, operation);
    return names.reduce(
      (parent, name) => {
        const child = asObject(parent.properties)[name] ?? (/^\d+$/.test(name) ? parent.items : undefined);
        return child === undefined ? {} : resolveIn(document, child);
      },
      resolveIn(document, schema),
    );
  }
  return resolveIn(document, parameterAt(where)?.schema);
}

function valueAt({ place, names, request }: Where): unknown {
  const { openapi } = request as { openapi?: { pathParams?: unknown } };
  const whole =
    { query: request.query, params: openapi?.pathParams, headers: request.headers }[place] ?? request.body;
  return names.reduce<unknown>(
    (parent, name) =>
      typeof parent === "object" && parent !== null && Object.hasOwn(parent, name)
        ? Reflect.get(parent, name)
        : undefined,
    whole,
  );
}

const typeNames = new Map([
  ["integer", "a whole number"],
  ["number", "a number"],
  ["string", "a string"],
  ["boolean", "true or false"],
  ["array", "a list"],
  ["object", "an object"],
  ["null", "null"],
]);

function typeInWords({ type }: Json): string {
  const types = (Array.isArray(type) ? type : [type]).map(
    (each) => typeNames.get(String(each)) ?? String(each),
  );
  return listed(types);
}

/** The meaning of a format or pattern: the first sentence of its description, and an example. */
function described(schema: Json, example: unknown): string {
  const { description, format } = schema;
  const known = formats.get(String(format));
  const text = known?.what ?? sentenceOf(description) ?? "as the contract says";
  const such = known?.example ?? example;
  return such === undefined ? text : `${text}, such as ${such}`;
}

const formats = new Map([
  ["uuid", { what: "a UUID", example: "7d0a9b1e-4c5f-4e1a-9b7d-2f3a4b5c6d7e" }],
  ["date-time", { what: "a date and time of RFC 3339", example: "2026-11-28T12:00:00Z" }],
  ["email", { what: "an e-mail address", example: "ana@example.com" }],
  ["uri", { what: "a URL", example: "https://example.com/path" }],
]);

/** `A name for people. Not blank.` becomes `a name for people`, unless the first word is an abbreviation. */
function sentenceOf(description: unknown): string | undefined {
  if (typeof description !== "string") return undefined;
  const sentence = description.split(/\.(?:\s|$)/)[0]?.trim() ?? "";
  return /^[A-Z][a-z]|^A /.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}

/** What callers who come from other libraries write for a JID, and what it is here. */
function hint({ pattern }: Json, value: unknown): string {
  if (typeof value !== "string" || !/whatsapp|g\\.us/.test(String(pattern))) return "";
  if (/\s/.test(value)) return ": leave the spaces out";
  if (value.endsWith("@c.us")) return ": the part after the @ is s.whatsapp.net here";
  if (/^\+?[0-9]+$/.test(value)) return ": a phone number is given as number, not as jid";
  return "";
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;
}

/** In UTF-16 units. */
const longestShown = 60;

function hasItems(value: unknown): string {
  return Array.isArray(value) ? `, and has ${value.length}` : "";
}

function counted(amount: unknown, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

function listed(names: readonly string[], word = "or"): string {
  const [last = "", ...others] = [...names].reverse();
  return others.length === 0 ? last : `${others.reverse().join(", ")} ${word} ${last}`;
}

/** JSON pointers escape these two (RFC 6901). */
function unescaped(name: string): string {
  return name.replaceAll("~1", "/").replaceAll("~0", "~");
}
