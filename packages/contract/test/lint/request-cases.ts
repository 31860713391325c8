import {
  body,
  breaks,
  type Case,
  change,
  changeFields,
  colour,
  count,
  countSchema,
  item,
  jid,
  number,
  passes,
  requestId,
  schemas,
  slowDown,
  trace,
} from "./case.ts";

const deep = `${changeFields}/deep`;
const pairCode = `${changeFields}/pair_code`;

/** What requests may hold, and what in requests and answers is open or secret. */
export const requestCases: readonly Case[] = [
  breaks(
    "parameter-description",
    "a parameter without a description",
    { [`${colour}/description`]: undefined },
    colour,
  ),
  breaks(
    "no-invalid-parameter-examples",
    "an example that does not match the pattern",
    { [`${number}/example`]: "+5511999999999" },
    `${number}/example`,
  ),
  breaks(
    "no-invalid-parameter-examples",
    "an example that is no UUID",
    { [`${item}/parameters/0/example`]: "7d0a9b1e" },
    `${item}/parameters/0/example`,
  ),
  breaks(
    "no-invalid-media-type-examples",
    "a body's example with a date-time that is none",
    { [`${body}/examples/a-change/value/since`]: "yesterday" },
    `${body}/examples/a-change/value/since`,
  ),
  ...[
    quadratic("a text that may end anywhere", "^[^!]*[^ !][^!]*$"),
    quadratic("what is optional twice", "^[ -]*(?:[ -]*[0-9]){13}$"),
    quadratic("a pattern that may begin anywhere", "[0-9]+$"),
    quadratic("a pattern that takes time beyond any bound", "^(?:[0-9]+)+$"),
  ],
  ...[
    linear("pieces that have no character in common", "^ *[^ !][^!]*$"),
    linear("a look ahead", "^(?!00)[0-9]{10,15}$"),
    linear("a bounded number of pieces", "^[0-9](?:[ -]*[0-9]){9,14}[ -]*$"),
  ],

  breaks(
    "spec-strict-refs",
    "a reference where OpenAPI knows none",
    { [`${count}/responses`]: { $ref: `${change}/responses` } },
    `${count}/responses/$ref`,
  ),

  breaks("wuts/allow-reserved", "any string", { [`${jid}/allowReserved`]: undefined }, jid),
  ...[
    canHold("a date-time, whose offset may have a +", { format: "date-time" }, "2026-06-15T12:00:00Z"),
    canHold("a pattern that takes @", { pattern: "^[0-9@a-z]+$" }, "a@b"),
    canHold("a pattern that takes +", { pattern: "^[+]?[0-9]+$" }, "1"),
    canHold("a pattern by what it does not take", { pattern: "^[^a-z]+$" }, "1"),
    canHold("a pattern with a range around them", { pattern: "^[!-~]+$" }, "1"),
    canHold("a pattern with a dot", { pattern: "^a.b$" }, "axb"),
    canHold("a pattern open at its begin", { pattern: "[0-9]$" }, "1"),
    canHold("a pattern open at its end", { pattern: "^[0-9]+" }, "1"),
    canHold("a pattern with a second way", { pattern: "^[0-9]+|^.*$" }, "1"),
    canHold("an enum with @", { enum: ["a@b", "c"] }, "c"),
    canHold("a constant with +", { type: "string", const: "a+b" }, "a+b"),
    canHold("a list of strings", { type: "array", items: { type: "string" } }, ["a"]),
    canHold("a string or nothing", { type: ["string", "null"] }, "a"),
    canHold("a choice with any string", { anyOf: [{ enum: ["a"] }, { type: "string" }] }, "b"),
  ],
  ...[
    cannotHold("a UUID", { format: "uuid" }, "7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10"),
    cannotHold("a date", { format: "date" }, "2026-06-15"),
    cannotHold("an enum without either", { enum: ["a", "b"] }, "a"),
    cannotHold("a boolean or a number", { type: ["boolean", "integer"] }, 1),
    cannotHold("a pattern of several pieces", { pattern: "^[0-9A-Z]{4}-\\d+_?$" }, "A1B2-3"),
    cannotHold("a list of an enum", { type: "array", items: { type: "string", enum: ["a"] } }, ["a"]),
    cannotHold("a choice of both harmless", { oneOf: [{ const: "a" }, { type: "integer" }] }, "a"),
    cannotHold("two demands, one of them harmless", { allOf: [{ type: "string" }, { enum: ["a"] }] }, "a"),
  ],
  passes("wuts/allow-reserved", "a pattern behind a reference", {
    [`${colour}/schema`]: { $ref: `${schemas}/Colour` },
    [`${schemas}/Colour`]: { type: "string", pattern: "^[a-z]+$" },
  }),

  breaks(
    "wuts/closed-objects",
    "an object that does not say it takes no more",
    { [`${countSchema}/additionalProperties`]: undefined },
    countSchema,
  ),
  breaks(
    "wuts/closed-objects",
    "an object that says it takes more",
    { [`${countSchema}/additionalProperties`]: true },
    countSchema,
  ),
  breaks(
    "wuts/closed-objects",
    "a map",
    { [`${countSchema}/additionalProperties`]: { type: "string" } },
    countSchema,
  ),
  breaks(
    "wuts/closed-objects",
    "an object deep down",
    { [deep]: { type: "array", items: { type: ["object", "null"] } } },
    `${deep}/items`,
  ),
  breaks(
    "wuts/closed-objects",
    "an object that does not say it is one",
    { [deep]: { properties: { a: { type: "string" } } } },
    deep,
  ),
  breaks(
    "wuts/closed-objects",
    "what is put together and open",
    {
      [deep]: { allOf: [{ $ref: countSchema }], properties: { a: { type: "string" } } },
      [`${changeFields}/other`]: { allOf: [{ $ref: countSchema }], additionalProperties: true },
    },
    deep,
    `${changeFields}/other`,
  ),
  breaks("wuts/closed-objects", "a schema that says nothing", { [deep]: { description: "Anything." } }, deep),
  breaks(
    "wuts/closed-objects",
    "the schema true",
    { [`${changeFields}/shallow`]: true, [deep]: { type: "array", items: true } },
    `${changeFields}/shallow`,
    `${deep}/items`,
  ),
  breaks("wuts/closed-objects", "a list of anything", { [deep]: { type: "array" } }, deep),
  breaks(
    "wuts/closed-objects",
    "an x-open without a reason",
    { [deep]: { type: "object", "x-open": " " } },
    `${deep}/x-open`,
  ),
  breaks(
    "wuts/closed-objects",
    "an x-open where nothing is open",
    { [`${countSchema}/x-open`]: "It may have more." },
    `${countSchema}/x-open`,
  ),
  passes("wuts/closed-objects", "an open object that says why", {
    [deep]: { type: "object", additionalProperties: true, "x-open": "Others say what is in it." },
  }),
  passes("wuts/closed-objects", "objects put together and closed as a whole", {
    [deep]: { type: "object", allOf: [{ $ref: countSchema }], unevaluatedProperties: false },
  }),

  ...["token", "api_key", "passwords", "qr_code", "image", "code", "pin", "country_code"].map((name) =>
    breaks(
      "wuts/redact-secrets",
      `a property ${name} that does not say whether it is secret`,
      { [`${changeFields}/${name}`]: { type: "string" } },
      `${changeFields}/${name}`,
    ),
  ),
  breaks(
    "wuts/redact-secrets",
    "a property that does not say it behind a reference either",
    { [pairCode]: { $ref: `${schemas}/Text` }, [`${schemas}/Text`]: { type: "string" } },
    pairCode,
  ),
  breaks(
    "wuts/redact-secrets",
    "a parameter",
    { [`${colour}/name`]: "otp", [`${colour}/schema`]: { type: "integer" }, [`${colour}/example`]: 1234 },
    colour,
  ),
  breaks("wuts/redact-secrets", "a request header", { [`${trace}/name`]: "X-Api-Key" }, trace),
  breaks(
    "wuts/redact-secrets",
    "a response header",
    { [`${slowDown}/headers/Set-Cookie`]: { schema: { type: "string" }, example: "a=b" } },
    `${slowDown}/headers/Set-Cookie`,
  ),
  breaks(
    "wuts/redact-secrets",
    "an x-redact that is neither true nor false",
    { [`${pairCode}/x-redact`]: "yes" },
    `${pairCode}/x-redact`,
  ),
  breaks(
    "wuts/redact-secrets",
    "a parameter's x-redact that is neither",
    { [`${colour}/x-redact`]: 1 },
    `${colour}/x-redact`,
  ),
  breaks(
    "wuts/redact-secrets",
    "a header's x-redact that is neither",
    { [`${requestId}/x-redact`]: null },
    `${requestId}/x-redact`,
  ),
  passes("wuts/redact-secrets", "a property that says it is no secret", {
    [`${changeFields}/country_code`]: { type: "string", "x-redact": false },
  }),
  passes("wuts/redact-secrets", "words that only contain one", {
    [`${changeFields}/pinned_by`]: { type: "string" },
    [`${changeFields}/decoded`]: { type: "string" },
  }),
  passes("wuts/redact-secrets", "values that the contract lists", {
    [`${changeFields}/status_code`]: { type: "string", enum: ["on", "off"] },
    [`${changeFields}/has_token`]: { type: "boolean" },
  }),
  passes("wuts/redact-secrets", "a secret that says so behind a reference, or beside it", {
    [pairCode]: { $ref: `${schemas}/Code` },
    [`${schemas}/Code`]: { type: "string", "x-redact": true },
    [`${changeFields}/other_code`]: { $ref: `${schemas}/Text`, "x-redact": true },
    [`${schemas}/Text`]: { type: "string" },
  }),
  passes("wuts/redact-secrets", "parameters and headers that say so themselves or by their schema", {
    [`${trace}/name`]: "X-Api-Key",
    [`${trace}/x-redact`]: true,
    [`${slowDown}/headers/Set-Cookie`]: { schema: { type: "string", "x-redact": true }, example: "a=b" },
  }),
];

function canHold(title: string, schema: object, example: unknown): Case {
  return breaks("wuts/allow-reserved", title, ofColour(schema, example), colour);
}

function cannotHold(title: string, schema: object, example: unknown): Case {
  return passes("wuts/allow-reserved", title, ofColour(schema, example));
}

function ofColour(schema: object, example: unknown) {
  const type = typeof example === "string" ? { type: "string" } : {};
  return { [`${colour}/schema`]: { ...type, ...schema }, [`${colour}/example`]: example };
}

function quadratic(title: string, pattern: string): Case {
  return breaks("wuts/linear-patterns", title, withPattern(pattern), `${number}/schema/pattern`);
}

function linear(title: string, pattern: string): Case {
  return passes("wuts/linear-patterns", title, withPattern(pattern));
}

function withPattern(pattern: string) {
  return { [`${number}/schema/pattern`]: pattern, [`${number}/allowReserved`]: true };
}
