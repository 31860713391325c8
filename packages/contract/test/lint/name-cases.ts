import {
  breaks,
  type Case,
  change,
  changeFields,
  colour,
  count,
  counted,
  countedJson,
  countSchema,
  item,
  passes,
  schemas,
  slowDown,
  slowDownJson,
  trace,
} from "./case.ts";

/** How things are called. */
export const nameCases: readonly Case[] = [
  breaks(
    "rule/property-names",
    "a property in camelCase",
    { [`${changeFields}/thingName`]: { type: "string" } },
    `${changeFields}/thingName`,
  ),
  breaks(
    "rule/one-name",
    "a number by another name",
    { [`${changeFields}/phone`]: { type: "string" } },
    `${changeFields}/phone`,
  ),
  breaks(
    "rule/parameter-names",
    "a query parameter in camelCase",
    { [`${colour}/name`]: "mainColour" },
    `${colour}/name`,
  ),
  breaks(
    "rule/parameter-names",
    "a path parameter in kebab-case",
    {
      "#/paths/~1things~1{thing_id}~1{part-id}": {
        parameters: ["thing_id", "part-id"].map((name) => ({
          name,
          in: "path",
          required: true,
          description: "Which.",
          schema: { type: "integer" },
          example: 1,
        })),
      },
    },
    "#/paths/~1things~1{thing_id}~1{part-id}/parameters/1/name",
  ),
  breaks(
    "rule/request-header-names",
    "a header in lower case",
    { [`${trace}/name`]: "x-trace" },
    `${trace}/name`,
  ),
  breaks(
    "rule/response-header-names",
    "a header in lower case",
    { [`${slowDown}/headers/x-trace`]: { schema: { type: "string" }, example: "any" } },
    `${slowDown}/headers/x-trace`,
  ),
  breaks(
    "paths-kebab-case",
    "a path in snake_case",
    { "#/paths/~1some_things": { summary: "Some things." } },
    "#/paths/~1some_things",
  ),
  ...["count_things", "CountThings"].map((name) =>
    breaks(
      "rule/operation-id-names",
      `the operationId ${name}`,
      { [`${count}/operationId`]: name },
      `${count}/operationId`,
    ),
  ),
  breaks(
    "rule/tag-names",
    "a tag in upper case",
    { "#/tags/1": { name: "Others", description: "Other things." } },
    "#/tags/1/name",
  ),
  breaks(
    "rule/example-names",
    "an example in snake_case",
    { [`${countedJson}/examples/not_one`]: { value: { count: 0 } } },
    `${countedJson}/examples/not_one`,
  ),
  breaks(
    "rule/schema-names",
    "a schema in snake_case",
    {
      [`${schemas}/some_text`]: { type: "string" },
      [`${changeFields}/thing_name`]: { $ref: `${schemas}/some_text` },
    },
    `${schemas}/some_text`,
  ),

  ...[
    unread("a misspelt extension of an operation", `${change}/x-requires-one-off`),
    unread("a misspelt extension of a schema", `${countSchema}/x-redcat`),
    unread("a misspelt extension of an example", `${slowDownJson}/examples/failed/x-requests`),
    unread("an extension of an operation on its path", `${item}/x-role`),
    unread("an extension of an example on its response", `${counted}/x-request`),
    unread("an extension of the whole contract", "#/x-internal"),
  ],
  passes("wuts/known-extensions", "a header whose name begins with X-", {
    [`${slowDown}/headers/X-Open`]: { schema: { type: "string" }, example: "any" },
  }),
];

function unread(title: string, at: string): Case {
  return breaks("wuts/known-extensions", title, { [at]: "any" }, at);
}
