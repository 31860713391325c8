import { linesType } from "@wuts/contract/document";
import fc from "fast-check";
import { matching } from "./patterns.ts";
import {
  isObject,
  type Json,
  list,
  numberIn,
  object,
  objectsIn,
  type Schemas,
  textsIn,
  typesOf,
} from "./schemas.ts";

/**
 * @returns for a field of this name and schema values that are better than made-up ones, such as ids that exist, or
 * `undefined` while there are none
 */
export type BetterValues = (name: string, schema: Json) => fc.Arbitrary<unknown> | undefined;

/**
 * Values that a schema allows.
 * @throws Error for a schema that says something this does not know, so that nothing new goes without tests in silence
 */
export function valuesOf(
  schemas: Schemas,
  schema: Json,
  better: BetterValues = () => undefined,
): fc.Arbitrary<unknown> {
  const resolved = schemas.resolve(schema);
  assertKnown(resolved);
  const examples = [...list(resolved.examples), ...("example" in resolved ? [resolved.example] : [])];
  // More is asked of these than a schema can say.
  if ("x-checked-further" in resolved) return fc.constantFrom(...list(resolved["x-checked-further"]));
  if (isFile(resolved)) {
    if (examples.length === 0) throw new Error(`no file is shown for ${JSON.stringify(schema)}`);
    return fc.constantFrom(...examples);
  }
  const made = madeFrom(schemas, resolved, better);
  const all = withExamples(made, examples);
  return only(all, (value) => schemas.isValid(schema, value), `values of ${JSON.stringify(schema)}`);
}

/** Whether a text is a file. Most texts that its schema allows are none, so none is made up. */
function isFile(schema: Json): boolean {
  return schema.contentMediaType !== undefined && schema.contentMediaType !== linesType;
}

/** Made-up values, and now and then one that the contract shows: they are few, and soon known. */
export function withExamples(
  made: fc.Arbitrary<unknown>,
  examples: readonly unknown[],
): fc.Arbitrary<unknown> {
  if (examples.length === 0) return made;
  return fc.oneof({ arbitrary: made, weight: 3 }, { arbitrary: fc.constantFrom(...examples), weight: 1 });
}

/** Made-up values and better ones, as far as there are any. */
export function preferring(
  made: fc.Arbitrary<unknown>,
  better: fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const found = fc.tuple(made, better).map(([usual, found]) => (found === undefined ? usual : found));
  return fc.oneof({ arbitrary: made, weight: 1 }, { arbitrary: found, weight: 2 });
}

/** As `filter`, but it gives up instead of looking for ever. */
export function only<T>(
  arbitrary: fc.Arbitrary<T>,
  isWanted: (value: T) => boolean,
  what: string,
): fc.Arbitrary<T> {
  let missed = 0;
  return arbitrary.filter((value) => {
    const wanted = isWanted(value);
    missed = wanted ? 0 : missed + 1;
    if (missed > 20_000) throw new Error(`found no ${what}`);
    return wanted;
  });
}

/** Characters that are rarely thought of. */
export const oddCharacters: readonly string[] = [
  "\u00a0",
  "\u0085",
  "\u00ad",
  "\u00df",
  "\u0130",
  "\u0301",
  "\u0663",
  "\u200b",
  "\u200d",
  "\u200f",
  "\u202e",
  "\u2028",
  "\u2066",
  "\u212a",
  "\u3000",
  "\ufeff",
  "\uff11",
  "\uff20",
  "\ufffd",
  "\uffff",
  "\u{1f600}",
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
  "\u{10ffff}",
];

const asserted = [
  ...["$ref", "type", "enum", "const", "format", "pattern", "minLength", "maxLength"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  ...["items", "minItems", "maxItems", "uniqueItems"],
  ...["properties", "required", "minProperties", "additionalProperties", "oneOf", "anyOf", "allOf"],
];
const annotations = [
  "contentEncoding",
  "contentMediaType",
  "contentSchema",
  "title",
  "description",
  "default",
  "example",
  "examples",
  "deprecated",
  "$comment",
];
const known = new Set([...asserted, ...annotations]);

function assertKnown(schema: Json): void {
  const unknown = Object.keys(schema).filter((key) => !known.has(key) && !key.startsWith("x-"));
  if (unknown.length > 0)
    throw new Error(`no values are made for ${unknown.join(", ")} in ${JSON.stringify(schema)}`);
}

function madeFrom(schemas: Schemas, schema: Json, better: BetterValues): fc.Arbitrary<unknown> {
  if ("const" in schema) return fc.constant(schema.const);
  if ("enum" in schema) return fc.constantFrom(...list(schema.enum));
  const { allOf, oneOf, anyOf, ...own } = schema;
  if (allOf !== undefined) {
    const all = objectsIn(allOf).map((each) => schemas.resolve(each));
    return valuesOf(schemas, [{ oneOf, anyOf, ...own }, ...all].map(withoutUndefined).reduce(both), better);
  }
  const alternatives = oneOf ?? anyOf;
  if (alternatives !== undefined) {
    const each = objectsIn(alternatives).map((one) => both(own, schemas.resolve(one)));
    return fc.oneof(...each.map((one) => valuesOf(schemas, one, better)));
  }
  const types = typesOf(schema);
  if (types.length === 0) return fc.jsonValue();
  return fc.oneof(...types.map((type) => ofType(schemas, type, schema, better)));
}

function ofType(schemas: Schemas, type: string, schema: Json, better: BetterValues): fc.Arbitrary<unknown> {
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
    case "number":
      return numbers(type, schema);
    case "string":
      return schema.contentMediaType === linesType ? lines(schemas, schema, better) : texts(schema);
    case "array":
      return arrays(schemas, schema, better);
    case "object":
      return objects(schemas, schema, better);
    default:
      throw new Error(`no values are made for the type ${type}`);
  }
}

function lines(schemas: Schemas, { contentSchema }: Json, better: BetterValues): fc.Arbitrary<string> {
  const line = valuesOf(schemas, object(contentSchema), better);
  return fc
    .array(line, { minLength: 1, maxLength: 5 })
    .map((all) => all.map((one) => `${JSON.stringify(one)}\n`).join(""));
}

function numbers(type: "integer" | "number", schema: Json): fc.Arbitrary<number> {
  const step = numberIn(schema.multipleOf) ?? (type === "integer" ? 1 : undefined);
  const min = numberIn(schema.minimum) ?? numberIn(schema.exclusiveMinimum) ?? -1e9;
  const max = numberIn(schema.maximum) ?? numberIn(schema.exclusiveMaximum) ?? Math.max(min, 1e9);
  if (step === undefined) return fc.double({ min, max, noNaN: true });
  const [first, last] = [Math.ceil(min / step), Math.floor(max / step)];
  // The ends are where mistakes are.
  return fc
    .oneof(fc.integer({ min: first, max: last }), fc.constantFrom(first, last))
    .map((count) => count * step);
}

/** Mostly plain ones, some with an odd character in them, some as long as may be, as far as the schema allows either. */
function texts(schema: Json): fc.Arbitrary<string> {
  const base = plainTexts(schema);
  const [min, max] = [numberIn(schema.minLength) ?? 0, numberIn(schema.maxLength)];
  const allowed = (text: string) => fitsText(schema, min, max, text);
  const odd = fc
    .tuple(base, fc.constantFrom(...oddCharacters), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([text, character, where]) => {
      const changed = inserted(text, character, where);
      return allowed(changed) ? changed : text;
    });
  const longest = base.map((text) => (max === undefined ? text : (padded(text, max).find(allowed) ?? text)));
  return fc.oneof(
    { arbitrary: base, weight: 3 },
    { arbitrary: odd, weight: 2 },
    { arbitrary: longest, weight: 1 },
  );
}

/** @returns the text made this long in several ways */
export function padded(text: string, length: number): string[] {
  const missing = Math.max(0, length - [...text].length);
  return [" ", "x", "0", ...new Set(text)].flatMap((filler) => [
    text + filler.repeat(missing),
    filler.repeat(missing) + text,
  ]);
}

function plainTexts(schema: Json): fc.Arbitrary<string> {
  const { format, pattern } = schema;
  if (format !== undefined) return ofFormat(String(format));
  const maxLength = numberIn(schema.maxLength);
  if (pattern !== undefined) return matching(String(pattern), maxLength);
  const minLength = numberIn(schema.minLength) ?? 0;
  const length = { minLength, ...(maxLength !== undefined && { maxLength }) };
  return fc.oneof(fc.string(length), fc.string({ ...length, unit: "binary" }));
}

/** Whether a text keeps within what its schema says of lengths and characters; formats have no odd characters. */
function fitsText(schema: Json, min: number, max: number | undefined, text: string): boolean {
  const length = [...text].length;
  if (schema.format !== undefined || length < min || (max !== undefined && length > max)) return false;
  return schema.pattern === undefined || regExpOf(String(schema.pattern)).test(text);
}

const regExps = new Map<string, RegExp>();

/** Compiled once: a pattern judges a text for each value that is made. */
function regExpOf(pattern: string): RegExp {
  const regExp = regExps.get(pattern) ?? new RegExp(pattern, "u");
  regExps.set(pattern, regExp);
  return regExp;
}

/** @param where 0 is before the first character, 1 behind the last */
export function inserted(text: string, more: string, where: number): string {
  const characters = [...text];
  const index = Math.round(where * characters.length);
  return [...characters.slice(0, index), more, ...characters.slice(index)].join("");
}

function ofFormat(format: string): fc.Arbitrary<string> {
  switch (format) {
    case "uuid":
      return fc.oneof(
        fc.uuid(),
        fc.uuid().map((id) => id.toUpperCase()),
      );
    case "date-time":
      return dates().map((date) => date.toISOString());
    case "date":
      return dates().map((date) => date.toISOString().slice(0, 10));
    case "uri":
      return fc.webUrl({ withQueryParameters: true, withFragments: true });
    case "email":
      return fc.emailAddress();
    // In a text, a character stands for a byte.
    case "binary":
      return fc.uint8Array().map((bytes) => String.fromCharCode(...bytes));
    default:
      throw new Error(`no values are made for the format ${format}`);
  }
}

/** Years have four digits. */
function dates(): fc.Arbitrary<Date> {
  return fc.date({
    min: new Date("0001-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59Z"),
    noInvalidDate: true,
  });
}

function arrays(schemas: Schemas, schema: Json, better: BetterValues): fc.Arbitrary<unknown[]> {
  const item = schema.items === undefined ? fc.jsonValue() : valuesOf(schemas, object(schema.items), better);
  const minLength = numberIn(schema.minItems) ?? 0;
  const limits = { minLength, maxLength: numberIn(schema.maxItems) ?? minLength + 5 };
  if (schema.uniqueItems !== true) return fc.array(item, limits);
  return fc.uniqueArray(item, { ...limits, selector: (value) => JSON.stringify(value) });
}

function objects(schemas: Schemas, schema: Json, better: BetterValues): fc.Arbitrary<unknown> {
  const fields = Object.entries(object(schema.properties ?? {})).map(([name, described]) => {
    const made = valuesOf(schemas, object(described), better);
    const found = isFile(schemas.resolve(object(described))) ? undefined : better(name, object(described));
    return [name, found ? preferring(made, found) : made] as const;
  });
  const required = textsIn(schema.required);
  const undescribed = required.filter((name) => fields.every(([field]) => field !== name));
  const all = Object.fromEntries([...fields, ...undescribed.map((name) => [name, fc.jsonValue()] as const)]);
  const described = fc.record(all, { requiredKeys: [...required], noNullPrototype: true });
  const more = schema.additionalProperties ?? true;
  if (more === false) return described;
  const surplus = isObject(more) ? valuesOf(schemas, more, better) : fc.jsonValue();
  return fc
    .tuple(described, fc.dictionary(fc.string(), surplus, { maxKeys: 3, noNullPrototype: true }))
    .map(([fixed, extra]) => ({ ...extra, ...fixed }));
}

/** Roughly what both schemas ask for; callers drop values that one of them does not allow. */
function both(one: Json, other: Json): Json {
  const types = typesOf(one).filter((type) => typesOf(other).includes(type));
  const properties = { ...object(one.properties ?? {}) };
  for (const [name, schema] of Object.entries(object(other.properties ?? {}))) {
    properties[name] = name in properties ? both(object(properties[name]), object(schema)) : schema;
  }
  const required = [...new Set([...textsIn(one.required), ...textsIn(other.required)])];
  return {
    ...one,
    ...other,
    ...(one.type !== undefined && other.type !== undefined && { type: types }),
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
    ...((one.additionalProperties === false || other.additionalProperties === false) && {
      additionalProperties: false,
    }),
  };
}

function withoutUndefined(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}
