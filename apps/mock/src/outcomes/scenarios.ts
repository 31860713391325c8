import type { Field, Values } from "./fields.ts";
import type { Outcome } from "./outcomes.ts";
import { columns } from "./table.ts";

/**
 * The outcome that says of itself that it answers a request with these values; `undefined` when none does. Of several
 * the one that names most fields, then the last: highest status first, then the contract's order from the end.
 */
export function scenarioFor(
  { outcomes, fields }: { readonly outcomes: readonly Outcome[]; readonly fields: readonly Field[] },
  values: Values,
): Outcome | undefined {
  const isGiven = ([name, wanted]: [string, unknown]) => {
    const field = fields.find((candidate) => candidate.name === name);
    return field !== undefined && name in values && field.canonical(values[name]) === field.canonical(wanted);
  };
  return outcomes
    .flatMap((outcome) => outcome.scenarios.map((scenario) => ({ outcome, asked: Object.entries(scenario) })))
    .filter(({ asked }) => asked.every(isGiven))
    .sort((a, b) => a.asked.length - b.asked.length)
    .at(-1)?.outcome;
}

/** `404 PICTURE_NOT_SET`, or `200 unchanged` for a success, which is named by its example. */
function answerOf({ status, errorCode, example }: Outcome): string {
  return `${status} ${errorCode ?? example}`;
}

/** `number=5511999999999&preview=false`. */
function writtenValues(scenario: Values): string {
  return Object.entries(scenario)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("&");
}

/** The scenarios as a table for a terminal. A cell that is empty is as the one above it. */
export function scenarioTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap((outcome) =>
    outcome.scenarios.map((scenario, index) =>
      index === 0
        ? [outcome.request, writtenValues(scenario), answerOf(outcome), outcome.summary]
        : ["", writtenValues(scenario), "", ""],
    ),
  );
  return table(["request", "with", "answers", "what it shows"], rows);
}

/**
 * The outcomes, and what `Prefer` chooses each with, as a table for a terminal.
 * @param wanted parts of requests, such as `GET /devices`; none means all of them
 */
export function outcomeTable(outcomes: readonly Outcome[], wanted: readonly string[]): string {
  const rows = outcomes
    .filter(({ request }) => wanted.length === 0 || wanted.some((part) => request.includes(part)))
    .map(({ request, status, example, errorCode = "", summary }) => [
      request,
      `Prefer: code=${status}, example=${example}`,
      errorCode,
      summary,
    ]);
  return table(["request", "chosen with", "error_code", "what it shows"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return columns([head, ...rows])
    .map((cells) => cells.join("  ").trimEnd())
    .join("\n");
}
