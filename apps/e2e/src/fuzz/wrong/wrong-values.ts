import fc from "fast-check";
import type { Place } from "../places.ts";
import { type Json, list, numberIn, type Schemas, typesOf } from "../schemas.ts";
import { inserted, oddCharacters, padded } from "../values.ts";

/**
 * Values that are wrong in a place in one way; `undefined` when there are none. A place for text has texts only. Some may be
 * right after all: the caller of this type checks that.
 */
export type WrongValues = (place: Place, schemas: Schemas) => fc.Arbitrary<unknown>;

/** What may be wrong about a value. */
export const wrongValues: Readonly<Record<string, WrongValues>> = {
  "wrong type": (place) =>
    place.kind === "json"
      ? oneOf(place, [
          null,
          true,
          false,
          0,
          1.5,
          -1,
          "text",
          "1",
          [],
          {},
          [place.value],
          { value: place.value },
        ])
      : oneOf(place, ["text", "yes", "TRUE", "null", "undefined", "[]", "{}", "1,2", "1.5", ...oddNumbers]),

  "too small": (place) => oneOf(place, tooSmall(place.schema, place.value)),

  "too large": (place, schemas) => oneOf(place, tooLarge(place.schema, place.value, schemas)),

  // Too large for JavaScript, and for JSON.
  "beyond all numbers": (place) =>
    oneOf(
      place,
      isNumber(place.schema) ? [1e21, "1e21", "9".repeat(400), `-${"9".repeat(400)}`, "1e309"] : [],
    ),

  "not listed": (place) =>
    oneOf(
      place,
      list(place.schema.enum ?? ("const" in place.schema ? [place.schema.const] : undefined)).flatMap(
        (each) => [
          `${each}x`,
          `${each}`.toUpperCase(),
          `${each}`.slice(1),
          Number(each) + 2,
          Number(each) - 2,
          "",
        ],
      ),
    ),

  malformed: ({ value }) =>
    fc
      .tuple(fc.constantFrom(...edits), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([edit, where]) => edit(asText(value), where)),

  NUL: ({ value }) => insertedInto(value, ["\u0000"]),

  // Alone, half of a pair is no character.
  "odd Unicode": ({ value }) => insertedInto(value, [...oddCharacters, "\ud800", "\udfff"]),

  // Short enough for a URL, even if every byte is percent-encoded.
  "very long": (place) =>
    oneOf(
      place,
      [300, 1_000, 3_000].map((bytes) => repeated(asText(place.value) || "x", bytes)),
    ),

  "prototype name": (place) => oneOf(place, prototypeNames),

  "path traversal": (place) =>
    oneOf(place, [
      "..",
      ".",
      "../..",
      "..\\..",
      "../../../../etc/passwd",
      "/",
      "//",
      "a/b",
      "%2e%2e%2f",
      ";a=b",
    ]),
};

/** Names of what every object has. */
export const prototypeNames = [
  ...["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty"],
  ...["__defineGetter__", "isPrototypeOf"],
];

/** What languages take for a number and JSON does not. */
const oddNumbers = [
  ...["0x1", "0b1", "01", "+1", "1.", ".5", " 1", "1 ", " ", "1_000", "1e400", "NaN", "Infinity", "\u0661"],
];

/** Those of the values that the place does not allow. */
function oneOf(place: Place, values: readonly unknown[]): fc.Arbitrary<unknown> {
  const wrong =
    place.kind === "json"
      ? values.filter((value) => !place.allows(value))
      : values.map(asText).filter((text) => !place.allows(text));
  return wrong.length > 0 ? fc.constantFrom(...wrong) : fc.constant(undefined);
}

function tooSmall(schema: Json, value: unknown): unknown[] {
  const { min } = limitsOf(schema);
  const shortest = numberIn(schema.minLength);
  const fewest = numberIn(schema.minItems);
  const fewestFields = numberIn(schema.minProperties);
  return [
    ...(min === undefined ? [] : [min, min - 1, 2 * min - 9]),
    ...(shortest === undefined ? [] : ["", shorter(asText(value), shortest - 1)]),
    ...(fewest === undefined ? [] : [[], list(value).slice(0, fewest - 1)]),
    ...(fewestFields === undefined ? [] : [{}, fewer(value, fewestFields - 1)]),
  ];
}

function tooLarge(schema: Json, value: unknown, schemas: Schemas): unknown[] {
  const { max } = limitsOf(schema);
  const longest = numberIn(schema.maxLength);
  const most = numberIn(schema.maxItems);
  return [
    ...(max === undefined ? [] : [max, max + 1, 2 * max + 9]),
    ...(longest === undefined ? [] : longer(asText(value), longest + 1, schema, schemas)),
    ...(most === undefined ? [] : [Array(most + 1).fill(list(value)[0] ?? null)]),
    ...(schema.uniqueItems === true ? [[...list(value), ...list(value)]] : []),
  ];
}

function limitsOf(schema: Json) {
  return {
    min: numberIn(schema.minimum) ?? numberIn(schema.exclusiveMinimum),
    max: numberIn(schema.maximum) ?? numberIn(schema.exclusiveMaximum),
  };
}

function isNumber(schema: Json): boolean {
  return typesOf(schema).some((type) => type === "integer" || type === "number");
}

function shorter(text: string, length: number): string {
  return [...text].slice(0, length).join("");
}

function fewer(value: unknown, fields: number): Json {
  return Object.fromEntries(Object.entries(Object(value)).slice(0, fields));
}

/** Texts of this length; those that are wrong in nothing but their length, if there are any. */
function longer(text: string, length: number, schema: Json, schemas: Schemas): string[] {
  const { maxLength: _dropped, ...unlimited } = schema;
  const all = padded(text, length);
  const long = all.filter((each) => schemas.isValid(unlimited, each));
  return long.length > 0 ? long : all;
}

const edits: readonly ((text: string, where: number) => string)[] = [
  () => "",
  (text, where) => inserted(text, "!", where),
  (text, where) => inserted(text, "'; DROP TABLE devices; --", where),
  (text, where) => inserted(text, "<script>", where),
  (text, where) => inserted(text, "\n", where),
  (text, where) => inserted(text, "\u001b[2J", where),
  (text, where) => inserted(text, "{{7*7}}", where),
  (text, where) => text.slice(0, Math.floor(where * text.length)),
  (text, where) => text.slice(Math.floor(where * text.length)),
  (text) => `${text}${text}`,
  (text) => `{${text}}`,
  (text) => ` ${text}`,
  (text) => text.split("").reverse().join(""),
];

function insertedInto(value: unknown, odd: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...odd), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([character, where]) => inserted(asText(value), character, where));
}

/** @returns the text again and again, up to this many bytes */
function repeated(text: string, bytes: number): string {
  const times = Math.ceil(bytes / Buffer.byteLength(text));
  const characters = [...text.repeat(times)];
  let length = times * Buffer.byteLength(text);
  while (length > bytes) length -= Buffer.byteLength(characters.pop() ?? "");
  return characters.join("");
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
