import type { Field, Values } from "./fields.ts";
import type { Outcome } from "./outcomes.ts";
import { columns } from "./table.ts";

/**
 * Finds the outcome with a scenario that matches these values.
 * @returns the match with the most fields, and of several the last one, which has the highest status; `undefined` without a match
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

/** As `404 PICTURE_NOT_SET`, or `200 unchanged` for a success, with the name of its example. */
function answerOf({ status, errorCode, example }: Outcome): string {
  return `${status} ${errorCode ?? example}`;
}

/** As `number=5511999999999&preview=false`. */
function writtenValues(scenario: Values): string {
  return Object.entries(scenario)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("&");
}

/** Formats the scenarios as a table for a terminal. An empty cell repeats the cell above it. */
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
 * Formats the outcomes as a table for a terminal, with the `Prefer` that selects each.
 * @param wanted parts of requests, such as `GET /devices`; empty for all outcomes
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
