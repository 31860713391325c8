import {
  body,
  breaks,
  type Case,
  change,
  changeFields,
  colour,
  count,
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
const changeSchema = `${schemas}/Change`;
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

  breaks(
    "rule/no-allow-reserved",
    "a query parameter with allowReserved, which makes Swagger UI send & and # as they are",
    { [`${jid}/allowReserved`]: true },
    `${jid}/allowReserved`,
  ),

  breaks(
    "wuts/unsent-examples",
    "an example of a parameter that may be left out",
    { [`${colour}/x-unsent-example`]: undefined, [`${colour}/example`]: "red" },
    `${colour}/example`,
  ),
  breaks(
    "wuts/unsent-examples",
    "one of a header",
    { [`${trace}/x-unsent-example`]: undefined, [`${trace}/example`]: "any" },
    `${trace}/example`,
  ),
  breaks(
    "wuts/unsent-examples",
    "one with a name",
    { [`${colour}/x-unsent-example`]: undefined, [`${colour}/examples`]: { usual: { value: "red" } } },
    `${colour}/examples/usual`,
  ),
  breaks(
    "wuts/unsent-examples",
    "one of its schema, behind a reference too",
    {
      [`${trace}/schema/examples`]: ["any"],
      [`${colour}/schema`]: { $ref: `${schemas}/Colour` },
      [`${schemas}/Colour`]: { type: "string", enum: ["red"], example: "red" },
    },
    `${trace}/schema`,
    `${colour}/schema`,
  ),
  breaks(
    "wuts/unsent-examples",
    "one of the parameters of a path",
    {
      [`${item}/parameters/1`]: {
        ...{ name: "after", in: "query", description: "Where to begin." },
        ...{ schema: { type: "string" }, example: "b" },
      },
    },
    `${item}/parameters/1/example`,
  ),
  breaks(
    "wuts/unsent-examples",
    "one of a shared parameter, once for all operations",
    {
      "/components/parameters": {
        After: {
          ...{ name: "after", in: "query", description: "Where to begin." },
          ...{ schema: { type: "string" }, example: "b" },
        },
      },
      [`${count}/parameters`]: [{ $ref: "#/components/parameters/After" }],
      [`${change}/parameters/4`]: { $ref: "#/components/parameters/After" },
    },
    "#/components/parameters/After/example",
  ),
  breaks(
    "wuts/unsent-examples",
    "an example that is not sent and not as the schema says",
    { [`${colour}/x-unsent-example`]: "blue" },
    `${colour}/x-unsent-example`,
  ),
  breaks(
    "wuts/unsent-examples",
    "a parameter that has to be sent, or one of several, without an example that is",
    {
      [`${item}/parameters/0/example`]: undefined,
      [`${item}/parameters/0/x-unsent-example`]: "7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10",
      [`${number}/example`]: undefined,
      [`${number}/x-unsent-example`]: "5511999999999",
    },
    `${item}/parameters/0/x-unsent-example`,
    `${number}/x-unsent-example`,
  ),
  passes("wuts/unsent-examples", "an example that is what counts without it", {
    [`${colour}/x-unsent-example`]: undefined,
    [`${colour}/example`]: "red",
    [`${colour}/schema`]: { type: "string", enum: ["red", "blue"], default: "red" },
  }),

  breaks(
    "wuts/closed-objects",
    "an object that does not say it takes no more",
    { [`${changeSchema}/additionalProperties`]: undefined },
    changeSchema,
  ),
  breaks(
    "wuts/closed-objects",
    "an object that says it takes more",
    { [`${changeSchema}/additionalProperties`]: true },
    changeSchema,
  ),
  breaks(
    "wuts/closed-objects",
    "a map",
    { [`${changeSchema}/additionalProperties`]: { type: "string" } },
    changeSchema,
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
      [deep]: { allOf: [{ $ref: changeSchema }], properties: { a: { type: "string" } } },
      [`${changeFields}/other`]: { allOf: [{ $ref: changeSchema }], additionalProperties: true },
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
    { [`${changeSchema}/x-open`]: "It may have more." },
    `${changeSchema}/x-open`,
  ),
  passes("wuts/closed-objects", "an open object that says why", {
    [deep]: { type: "object", additionalProperties: true, "x-open": "Others say what is in it." },
  }),
  passes("wuts/closed-objects", "objects put together and closed as a whole", {
    [deep]: { type: "object", allOf: [{ $ref: changeSchema }], unevaluatedProperties: false },
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
    {
      [`${colour}/name`]: "otp",
      [`${colour}/schema`]: { type: "integer" },
      [`${colour}/x-unsent-example`]: 1,
    },
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

function quadratic(title: string, pattern: string): Case {
  return breaks("wuts/linear-patterns", title, withPattern(pattern), `${number}/schema/pattern`);
}

function linear(title: string, pattern: string): Case {
  return passes("wuts/linear-patterns", title, withPattern(pattern));
}

function withPattern(pattern: string) {
  return { [`${number}/schema/pattern`]: pattern };
}
