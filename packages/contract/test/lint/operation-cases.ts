import {
  breaks,
  type Case,
  change,
  changeFields,
  count,
  failed,
  item,
  jid,
  number,
  passes,
  slowDown,
  slowDownJson,
} from "./case.ts";
import type { Edits } from "./contract.ts";

const role = `${count}/x-role`;
const description = `${count}/description`;
const oneOf = `${change}/x-requires-one-of`;
const reference = { $ref: failed };

const forMaster = {
  "#/components/securitySchemes/masterToken": { type: "http", scheme: "bearer" },
  [`${change}/security`]: [{ masterToken: [] }],
  [`${change}/x-role`]: "master",
};

const forMetrics = {
  "#/components/securitySchemes/metricsToken": { type: "http", scheme: "bearer" },
  [`${change}/security`]: [{}, { metricsToken: [] }],
  [`${change}/x-role`]: "metrics",
};

/** What every operation says of itself. */
export const operationCases: readonly Case[] = [
  breaks(
    "operation-operationId",
    "no operationId",
    { [`${count}/operationId`]: undefined },
    `${count}/operationId`,
  ),
  breaks(
    "operation-operationId-unique",
    "an operationId that another operation has",
    { [`${change}/operationId`]: "countThings" },
    `${change}/countThings`,
  ),
  breaks("operation-summary", "no summary", { [`${count}/summary`]: undefined }, `${count}/summary`),
  breaks("operation-summary", "an empty summary", { [`${count}/summary`]: "" }, `${count}/summary`),

  breaks("operation-tag-defined", "no tags", { [`${count}/tags`]: undefined }, count),
  breaks(
    "operation-tag-defined",
    "a tag that the contract does not list",
    { [`${count}/tags`]: ["others"] },
    `${count}/tags/0`,
  ),
  breaks("rule/one-tag", "an empty list of tags", { [`${count}/tags`]: [] }, `${count}/tags`),
  breaks("rule/one-tag", "two tags", { [`${count}/tags`]: ["things", "things"] }, `${count}/tags`),
  breaks(
    "tag-description",
    "a tag without a description",
    { "#/tags/0/description": undefined },
    "#/tags/0/description",
  ),

  breaks("operation-description", "no description", { [description]: undefined }, description),
  breaks("rule/upstream", "no word on WhatsApp", { [description]: "Counts what is here." }, description),
  breaks(
    "rule/upstream",
    "a word on WhatsApp, but none on asking it",
    { [description]: "Counts the WhatsApp accounts." },
    description,
  ),
  ...["Asks neither disk nor WhatsApp.", "One query is sent to WhatsApp.", "WhatsApp is first asked."].map(
    (text) => passes("rule/upstream", text, { [description]: text }),
  ),

  breaks(
    "wuts/no-settings",
    "settings in a description, a summary and the description of a property",
    {
      [description]: "WhatsApp is asked, with `WUTS_PACE` in between.",
      [`${slowDownJson}/examples/failed/summary`]: "WUTS_PACE is not set",
      [`${changeFields}/value`]: { type: "string", description: "At least `WUTS_PACE`." },
    },
    description,
    `${slowDownJson}/examples/failed/summary`,
    `${changeFields}/value/description`,
  ),
  passes("wuts/no-settings", "a setting in the text of an error, whose reader is the operator", {
    [`${slowDownJson}/examples/failed/value/error`]: "set WUTS_PACE",
  }),

  breaks("wuts/operation-role", "no role", { [role]: undefined }, count),
  breaks("wuts/operation-role", "a role that there is not", { [role]: "owner" }, role),
  breaks(
    "wuts/operation-role",
    "a public operation that asks for a token",
    { [`${count}/security`]: undefined },
    role,
  ),
  breaks(
    "wuts/operation-role",
    "an admin's operation that asks for no token",
    { [`${change}/security`]: [] },
    `${change}/x-role`,
  ),
  breaks(
    "wuts/operation-role",
    "an admin's operation that lets callers without a token in",
    { [`${change}/security`]: [{ bearer: [] }, {}] },
    `${change}/x-role`,
  ),
  passes("wuts/operation-role", "an operation for the master token", forMaster),
  breaks(
    "wuts/operation-role",
    "the role `master` with a user's token",
    { [`${change}/x-role`]: "master" },
    `${change}/x-role`,
  ),
  breaks(
    "wuts/operation-role",
    "a master token with a user's role",
    { ...forMaster, [`${change}/x-role`]: "admin" },
    `${change}/x-role`,
  ),
  passes("wuts/operation-role", "an operation for the token for metrics, or for none", forMetrics),
  ...[[{ metricsToken: [] }], [{}, { metricsToken: [] }, { bearer: [] }], [{ metricsToken: [] }, {}]].map(
    (security) =>
      breaks(
        "wuts/operation-role",
        `the role \`metrics\` with the security ${JSON.stringify(security)}`,
        { ...forMetrics, [`${change}/security`]: security },
        `${change}/x-role`,
      ),
  ),
  breaks(
    "wuts/operation-role",
    "a token for metrics, or none, with a user's role",
    { ...forMetrics, [`${change}/x-role`]: "admin" },
    `${change}/x-role`,
  ),
  passes("wuts/operation-role", "an admin's operation that asks for a token of its own accord", {
    [`${change}/security`]: [{ bearer: [] }],
  }),

  breaks(
    "rule/answers-400-and-500",
    "no 400",
    { [`${count}/responses/400`]: undefined, [`${count}/responses/404`]: reference },
    `${count}/responses`,
  ),
  breaks(
    "rule/answers-400-and-500",
    "no 500",
    { [`${count}/responses/500`]: undefined },
    `${count}/responses`,
  ),
  breaks(
    "rule/answers-401",
    "an admin's operation without 401",
    { [`${change}/responses/401`]: undefined },
    `${change}/responses`,
  ),
  breaks(
    "rule/answers-401",
    "a user's operation without 401",
    { [role]: "user", [`${count}/security`]: undefined, [`${count}/responses/429`]: { $ref: slowDown } },
    `${count}/responses`,
  ),
  ...["manager", "admin"].map((caller) =>
    breaks(
      "rule/answers-403",
      `an operation of the role ${caller} without 403`,
      { [`${change}/x-role`]: caller, [`${change}/responses/403`]: undefined },
      `${change}/responses`,
    ),
  ),
  ...[401, 403, 429].map((status) =>
    breaks(
      `rule/answers-${status}`,
      `an operation for the master token without ${status}`,
      { ...forMaster, [`${change}/responses/${status}`]: undefined },
      `${change}/responses`,
    ),
  ),
  ...[401, 429].map((status) =>
    breaks(
      `rule/answers-${status}`,
      `an operation for the token for metrics without ${status}`,
      { ...forMetrics, [`${change}/responses/${status}`]: undefined },
      `${change}/responses`,
    ),
  ),
  passes("rule/answers-403", "an operation for the token for metrics without 403", {
    ...forMetrics,
    [`${change}/responses/403`]: undefined,
  }),
  breaks(
    "rule/answers-429",
    "an admin's operation without 429",
    { [`${change}/responses/429`]: undefined },
    `${change}/responses`,
  ),
  passes("rule/answers-403", "a user's operation without 403", {
    [`${change}/x-role`]: "user",
    [`${change}/responses/403`]: undefined,
  }),
  ...[413, 415].map((status) =>
    breaks(
      "rule/answers-413-and-415",
      `a body without ${status}`,
      { [`${change}/responses/${status}`]: undefined },
      `${change}/responses`,
    ),
  ),

  breaks("wuts/requires-one-of", "a name that is no parameter", { [`${oneOf}/2`]: "lid" }, `${oneOf}/2`),
  breaks(
    "wuts/requires-one-of",
    "the name of a path parameter",
    { [`${oneOf}/2`]: "thing_id" },
    `${oneOf}/2`,
  ),
  breaks("wuts/requires-one-of", "the name of a header", { [`${oneOf}/2`]: "X-Trace" }, `${oneOf}/2`),
  breaks("wuts/requires-one-of", "what is required anyway", { [`${number}/required`]: true }, `${oneOf}/1`),
  breaks(
    "wuts/requires-one-of",
    "what has a default",
    { [`${number}/schema/default`]: "5511999999999" },
    `${oneOf}/1`,
  ),
  breaks("wuts/requires-one-of", "a single name", { ...unsent(number), [oneOf]: ["jid"] }, oneOf),
  breaks("wuts/requires-one-of", "a name given twice", { [oneOf]: ["jid", "number", "jid"] }, oneOf),
  breaks(
    "wuts/requires-one-of",
    "what is no list",
    { ...unsent(jid), ...unsent(number), [oneOf]: "jid" },
    oneOf,
  ),
  passes("wuts/requires-one-of", "a parameter of all operations on the path", {
    [`${item}/parameters/1`]: {
      name: "lid",
      in: "query",
      description: "By LID.",
      schema: { type: "string" },
      example: "112233445566778@lid",
    },
    [oneOf]: ["jid", "number", "lid"],
  }),

  breaks(
    "no-ambiguous-paths",
    "two paths that one request can mean",
    {
      "#/paths/~1{kind}~1first": {
        parameters: [
          {
            name: "kind",
            in: "path",
            required: true,
            description: "Of which kind.",
            schema: { type: "string" },
            example: "things",
          },
        ],
      },
    },
    "#/paths/~1{kind}~1first",
  ),
];

/** A parameter that none of the operation's requests needs. */
function unsent(parameter: string): Edits {
  const written = parameter === jid ? "examples" : "example";
  return { [`${parameter}/${written}`]: undefined, [`${parameter}/x-unsent-example`]: "5511999999999" };
}
