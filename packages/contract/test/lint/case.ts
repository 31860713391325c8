import type { Edits } from "./contract.ts";

/** What one rule says of the smallest contract with some edits. */
export interface Case {
  readonly rule: string;
  readonly title: string;
  readonly edits: Edits;
  /** Where the rule reports, as JSON pointers; nowhere when the contract only looks as if it broke the rule. */
  readonly at: readonly string[];
}

export function breaks(
  rule: string,
  title: string,
  edits: Edits,
  ...at: readonly [string, ...string[]]
): Case {
  return { rule, title, edits, at };
}

export function passes(rule: string, title: string, edits: Edits): Case {
  return { rule, title, edits, at: [] };
}

// Places in the smallest contract.
export const count = "#/paths/~1all-things/get";
export const item = "#/paths/~1things~1{thing_id}";
export const change = `${item}/post`;
export const jid = `${change}/parameters/0`;
export const number = `${change}/parameters/1`;
export const colour = `${change}/parameters/2`;
export const trace = `${change}/parameters/3`;
export const body = `${change}/requestBody/content/application~1json`;
export const slowDown = `${change}/responses/429`;
export const slowDownJson = `${slowDown}/content/application~1json`;
export const slowDownRequest = `${slowDownJson}/examples/failed/x-request`;
export const retryAfter = `${slowDown}/headers/Retry-After`;
export const requestId = "#/components/headers/RequestId";
export const counted = "#/components/responses/Count";
export const countedJson = `${counted}/content/application~1json`;
export const countedLines = `${counted}/content/application~1x-ndjson`;
export const failed = "#/components/responses/Failed";
export const failedJson = `${failed}/content/application~1json`;
export const failedRequest = `${failedJson}/examples/failed/x-request`;
export const schemas = "#/components/schemas";
export const countSchema = `${schemas}/Count`;
export const changeFields = `${schemas}/Change/properties`;
export const failure = `${schemas}/Failure`;
export const errorCode = `${failure}/properties/error_code`;
