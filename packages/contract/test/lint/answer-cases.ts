import {
  body,
  breaks,
  type Case,
  change,
  changeFields,
  colour,
  count,
  counted,
  countedJson,
  countedLines,
  countSchema,
  errorCode,
  failed,
  failedJson,
  failedRequest,
  failure,
  passes,
  requestId,
  retryAfter,
  schemas,
  slowDown,
  slowDownJson,
  slowDownRequest,
} from "./case.ts";

/** The schema of an error that has one of these codes only. */
function narrowed(...codes: string[]) {
  return { allOf: [{ $ref: failure }, { type: "object", properties: { error_code: { enum: codes } } }] };
}

/** What is answered, its examples, and which example answers which request. */
export const answerCases: readonly Case[] = [
  breaks(
    "no-invalid-media-type-examples",
    "an example of another type",
    { [`${countedJson}/examples/none/value/count`]: "none" },
    `${countedJson}/examples/none/value/count`,
  ),
  breaks(
    "no-invalid-media-type-examples",
    "an example with a field that is not described",
    { [`${countedJson}/examples/none/value/extra`]: 1 },
    `${countedJson}/examples/none/value/extra`,
  ),
  breaks(
    "no-invalid-media-type-examples",
    "an example with a code that is not of the enum",
    { [`${failedJson}/examples/other`]: { value: { error_code: "OTHER", error: "Other" } } },
    `${failedJson}/examples/other/value/error_code`,
  ),
  breaks(
    "no-invalid-schema-examples",
    "a schema's example of another format",
    { [`${changeFields}/since/examples`]: ["yesterday"] },
    `${changeFields}/since/examples/0`,
  ),
  breaks(
    "no-unused-components",
    "what nothing refers to",
    { [`${schemas}/Text`]: { type: "string" } },
    `${schemas}/Text`,
  ),

  breaks(
    "response-contains-header",
    "an answer without X-Request-Id",
    { [`${counted}/headers`]: undefined },
    `${counted}/headers`,
  ),
  breaks(
    "response-contains-header",
    "a 401 without WWW-Authenticate",
    { [`${failed}/headers/WWW-Authenticate`]: undefined },
    `${failed}/headers`,
  ),
  breaks(
    "response-contains-header",
    "a 429 without Retry-After",
    { [retryAfter]: undefined },
    `${slowDown}/headers`,
  ),
  ...[503, 405].map((status) =>
    breaks(
      "response-contains-header",
      `a ${status} without ${status === 503 ? "Retry-After" : "Allow"}`,
      { [`${change}/responses/${status}`]: { $ref: failed } },
      `${failed}/headers`,
    ),
  ),

  breaks(
    "wuts/error-codes",
    "an error_code that may be anything",
    { [`${errorCode}/enum`]: undefined, [`${errorCode}/x-redact`]: false },
    `${failedJson}/schema`,
    `${slowDownJson}/schema`,
  ),
  breaks(
    "wuts/error-codes",
    "an error_code that may be left out",
    { [`${failure}/required`]: ["error"] },
    `${failedJson}/schema`,
    `${slowDownJson}/schema`,
  ),
  breaks(
    "wuts/error-codes",
    "an error without an error_code",
    {
      [`${slowDownJson}/schema`]: { $ref: countSchema },
      [`${slowDownJson}/examples/failed/value`]: { count: 0 },
    },
    `${slowDownJson}/schema`,
  ),
  breaks(
    "wuts/error-codes",
    "a default answer without an error_code",
    { [`${count}/responses/default`]: { $ref: counted } },
    `${countedJson}/schema`,
  ),
  breaks(
    "wuts/error-codes",
    "a 5xx without an error_code",
    { [`${count}/responses/502`]: { $ref: counted } },
    `${countedJson}/schema`,
  ),
  breaks(
    "wuts/error-codes",
    "a shared error that no operation answers as one",
    {
      "#/components/responses/Odd": {
        description: "Odd.",
        headers: { "X-Request-Id": { $ref: requestId } },
        content: {
          "application/json": {
            schema: { $ref: `${schemas}/OddFailure` },
            examples: { odd: { value: { error_code: "ODD" } } },
          },
        },
      },
      [`${schemas}/OddFailure`]: {
        type: "object",
        required: ["error_code"],
        properties: { error_code: { type: "string", enum: ["ODD", "ODDER"] } },
      },
      [`${count}/responses/202`]: { $ref: "#/components/responses/Odd" },
    },
    "#/components/responses/Odd/content/application~1json/examples",
  ),
  breaks("wuts/error-codes", "an error without a body", { [`${slowDown}/content`]: undefined }, slowDown),
  breaks(
    "wuts/error-codes",
    "an error that may be text",
    {
      [`${slowDown}/content/text~1plain`]: {
        schema: { type: "string" },
        examples: { text: { value: "Slow down" } },
      },
    },
    slowDown,
  ),
  breaks(
    "wuts/error-codes",
    "a code without an example",
    { [`${errorCode}/enum`]: ["FAILED", "ODD"] },
    `${failedJson}/examples`,
    `${slowDownJson}/examples`,
  ),
  breaks(
    "wuts/error-codes",
    "a code in lower case",
    {
      [`${errorCode}/enum`]: ["failed"],
      [`${failedJson}/examples/failed/value/error_code`]: "failed",
      [`${slowDownJson}/examples/failed/value/error_code`]: "failed",
    },
    `${failedJson}/schema`,
    `${slowDownJson}/schema`,
  ),
  breaks(
    "wuts/error-codes",
    "a code that is not described where codes are",
    { [`${errorCode}/x-enumDescriptions`]: {} },
    `${errorCode}/x-enumDescriptions`,
  ),
  breaks(
    "wuts/error-codes",
    "a description of a code that there is not",
    { [`${errorCode}/x-enumDescriptions`]: { FAILED: "It failed.", ODD: "It is odd." } },
    `${errorCode}/x-enumDescriptions/ODD`,
  ),
  breaks(
    "wuts/error-codes",
    "a code that one part of an allOf allows, without an example",
    {
      [`${errorCode}/enum`]: ["FAILED", "FAILED_2", "FAILED_3"],
      [`${failedJson}/schema`]: narrowed("FAILED", "FAILED_2"),
      [`${slowDownJson}/schema`]: narrowed("FAILED"),
    },
    `${failedJson}/examples`,
  ),
  passes("wuts/error-codes", "a code that one part of an allOf leaves out", {
    [`${errorCode}/enum`]: ["FAILED", "FAILED_2"],
    [`${failedJson}/schema`]: narrowed("FAILED"),
    [`${slowDownJson}/schema`]: narrowed("FAILED"),
  }),

  breaks(
    "wuts/named-answers",
    "a success whose schema has no name",
    { [`${countedJson}/schema`]: { oneOf: [{ $ref: countSchema }, { type: "null" }] } },
    `${countedJson}/schema`,
  ),

  breaks(
    "wuts/closed-objects",
    "an answer that takes no more",
    { [`${countSchema}/additionalProperties`]: false },
    countSchema,
  ),
  ...["pattern", "maxLength", "maxItems"].map((keyword) =>
    breaks(
      "wuts/closed-objects",
      `an answer with ${keyword}`,
      {
        [`${countSchema}/properties/name`]: { type: "string", [keyword]: keyword === "pattern" ? "^a$" : 3 },
      },
      `${countSchema}/properties/name`,
    ),
  ),
  breaks(
    "wuts/closed-objects",
    "an answer's list of anything",
    { [`${countSchema}/properties/names`]: { type: "array" } },
    `${countSchema}/properties/names`,
  ),
  breaks(
    "wuts/closed-objects",
    "an x-strict that is no object",
    { [`${countSchema}/properties/name`]: { type: "string", "x-strict": true } },
    `${countSchema}/properties/name`,
  ),
  passes("wuts/closed-objects", "an answer with x-strict", {
    [`${countSchema}/properties/name`]: { type: "string", "x-strict": { maxLength: 3 } },
  }),
  passes("wuts/closed-objects", "an answer whose properties are not all described, and why", {
    [`${countSchema}/properties/others`]: {
      type: "object",
      additionalProperties: true,
      "x-open": "Others say it.",
    },
  }),

  passes("wuts/error-codes", "several codes, each with an example", {
    [`${errorCode}/enum`]: ["FAILED", "FAILED_2"],
    [`${failedJson}/examples/other`]: { value: { error_code: "FAILED_2", error: "Again" } },
    [`${slowDownJson}/examples/other`]: { value: { error_code: "FAILED_2", error: "Again" } },
  }),

  breaks(
    "wuts/examples",
    "an answer without examples",
    { [`${countedJson}/examples`]: undefined },
    countedJson,
  ),
  ...(
    [
      ["a line that is not as its schema says", '{"count":1}\n{"count":"x"}\n'],
      ["a line that is no JSON", "{\n"],
      ["a last line that does not end", '{"count":1}'],
      ["no line at all", ""],
    ] as const
  ).map(([title, value]) =>
    breaks(
      "wuts/line-examples",
      title,
      { [countedLines]: lines(value) },
      `${countedLines}/examples/some/value`,
    ),
  ),
  passes("wuts/line-examples", "lines that are as their schema says", {
    [countedLines]: lines('{"count":1}\n{"count":2}\n'),
  }),
  breaks(
    "wuts/line-examples",
    "lines without a schema",
    { [countedLines]: { ...lines('{"count":1}\n'), schema: { type: "string" } } },
    `${countedLines}/schema`,
  ),

  breaks(
    "wuts/examples",
    "bytes that are not in base64",
    {
      [countSchema]: undefined,
      [`${counted}/content`]: {
        "image/jpeg": {
          schema: { type: "string", format: "binary" },
          examples: { short: { value: "/9j/4A==" }, wrong: { value: "a picture" } },
        },
      },
    },
    `${counted}/content/image~1jpeg/examples/wrong`,
  ),
  breaks("wuts/examples", "an empty list of examples", { [`${countedJson}/examples`]: {} }, countedJson),
  breaks(
    "wuts/examples",
    "an example without a value",
    { [`${countedJson}/examples/other`]: { summary: "Another" } },
    countedJson,
  ),
  breaks(
    "wuts/examples",
    "an answer's example without a name",
    { [`${countedJson}/examples`]: undefined, [`${countedJson}/example`]: { count: 0 } },
    countedJson,
  ),
  breaks(
    "wuts/examples",
    "an example without a name beside those with one",
    { [`${countedJson}/example`]: { count: 0 } },
    countedJson,
  ),
  breaks(
    "wuts/examples",
    "a header without a schema of its own",
    {
      [`${retryAfter}/schema`]: undefined,
      [`${retryAfter}/content`]: {
        "text/plain": { schema: { type: "string" }, examples: { soon: { value: "5" } } },
      },
    },
    retryAfter,
  ),
  breaks(
    "wuts/examples",
    "an answer without a schema",
    { [`${countedJson}/schema`]: undefined, [countSchema]: undefined },
    countedJson,
  ),
  breaks("wuts/examples", "a body without examples", { [`${body}/examples`]: undefined }, body),
  breaks(
    "wuts/error-codes",
    "a header that comes only with a code that the answer does not have",
    { [`${retryAfter}/x-only-with`]: ["BUSY"] },
    retryAfter,
  ),
  breaks(
    "wuts/error-codes",
    "a header that comes with no code",
    { [`${retryAfter}/x-only-with`]: [] },
    retryAfter,
  ),
  breaks(
    "wuts/error-codes",
    "a header that comes with some codes only, and is required",
    { [`${retryAfter}/x-only-with`]: ["FAILED"], [`${retryAfter}/required`]: true },
    retryAfter,
  ),
  passes("wuts/error-codes", "a header that comes with some codes only", {
    [`${retryAfter}/x-only-with`]: ["FAILED"],
  }),

  breaks(
    "wuts/examples",
    "a parameter without an example",
    { [`${colour}/x-unsent-example`]: undefined },
    colour,
  ),
  breaks(
    "wuts/examples",
    "a header without an example",
    { [`${retryAfter}/example`]: undefined },
    retryAfter,
  ),
  passes("wuts/examples", "several examples of a header", {
    [`${retryAfter}/example`]: undefined,
    [`${retryAfter}/examples`]: { short: { value: 1 }, long: { value: 60 } },
  }),

  breaks(
    "wuts/header-examples",
    "an example of another type",
    { [`${retryAfter}/example`]: "soon" },
    `${retryAfter}/example`,
  ),
  breaks(
    "wuts/header-examples",
    "an example of another format, behind a reference",
    {
      [`${requestId}/schema`]: { $ref: `${schemas}/Id` },
      [`${schemas}/Id`]: { type: "string", format: "uuid" },
      [`${requestId}/example`]: "7d0a9b1e",
    },
    `${requestId}/example`,
  ),
  breaks(
    "wuts/header-examples",
    "one of several examples",
    {
      [`${retryAfter}/example`]: undefined,
      [`${retryAfter}/examples`]: { short: { value: 1 }, long: { value: "later" } },
    },
    `${retryAfter}/examples/long/value`,
  ),

  ...[
    misfits("a field that no request has", [{ lid: "1@lid" }], "/0"),
    misfits("a header, which chooses no example", [{ "X-Trace": "any" }], "/0"),
    misfits("a value that the parameter does not take", [{ jid: "1@lid" }, { number: "+55 11" }], "/1"),
    misfits("a value that the body does not take", [{ since: "yesterday" }], "/0"),
    misfits("a value of another type", [{ thing_id: 7 }], "/0"),
    misfits("an alternative without a field", [{}], "/0"),
    misfits("an alternative that has no fields", ["jid"], "/0"),
    misfits("an empty list", [], ""),
    misfits("what is no list", { jid: "1@lid" }, ""),
  ],
  breaks(
    "wuts/example-requests",
    "a field that no operation has of those with the answer",
    { [failedRequest]: [{ lid: "1@lid" }] },
    `${failedRequest}/0`,
  ),
  breaks(
    "wuts/example-requests",
    "fields of which no operation has all",
    {
      [`${count}/parameters`]: [
        {
          name: "page",
          in: "query",
          description: "Which.",
          schema: { type: "integer" },
          "x-unsent-example": 1,
        },
      ],
      [failedRequest]: [{ page: 1, number: "5511777777777" }],
    },
    `${failedRequest}/0`,
  ),
  breaks(
    "wuts/example-requests",
    "an example that is no answer",
    { [`${body}/examples/a-change/x-request`]: [{ number: "5511777777777" }] },
    `${body}/examples/a-change/x-request`,
  ),
  passes("wuts/example-requests", "fields of the query, the path and the body in one", {
    [slowDownRequest]: [
      {
        jid: "5511888888888@s.whatsapp.net",
        thing_id: "7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10",
        thing_name: "Odd",
      },
    ],
  }),

  breaks(
    "wuts/distinct-requests",
    "a request that another example claims",
    { [`${slowDownRequest}/0`]: { number: "5511777777777" } },
    `${slowDownRequest}/0`,
  ),
  breaks(
    "wuts/distinct-requests",
    "a request that the example itself claims again",
    { [`${slowDownRequest}/2`]: { thing_name: "Odd", jid: "5511888888888@s.whatsapp.net" } },
    `${slowDownRequest}/2`,
  ),
  breaks(
    "wuts/distinct-requests",
    "a request that an example of several operations claims again",
    { [`${failedRequest}/1`]: { number: "5511777777777" } },
    `${failedRequest}/1`,
  ),
  passes("wuts/distinct-requests", "a request that says more than another", {
    [`${slowDownRequest}/0`]: { number: "5511777777777", thing_name: "Odd" },
  }),
];

function misfits(title: string, request: unknown, at: string): Case {
  return breaks("wuts/example-requests", title, { [slowDownRequest]: request }, `${slowDownRequest}${at}`);
}

function lines(value: string) {
  const schema = { type: "string", contentSchema: { $ref: countSchema } };
  return { schema, examples: { some: { value } } };
}
