/**
 * `npm run contract:diff`: what changed in openapi.yaml since the last released contract. Exits with 1 when callers may
 * break and the major version did not rise, now or between the last two releases. Takes the folder of the repository.
 */

import { join, resolve } from "node:path";
import {
  type Comparison,
  type ContractChange,
  compareContracts,
  covers,
} from "./release/contract-changes.ts";
import {
  bumpBetween,
  listPendingChanges,
  listReleases,
  type PendingChange,
  raised,
  released,
  releasesFolder,
  undescribed,
} from "./release/releases.ts";

const root = resolve(process.argv[2] ?? join(import.meta.dirname, ".."));
const [last, beforeLast] = (await listReleases(root)).toReversed();
if (last === undefined) throw new Error(`${releasesFolder} holds no release to compare with`);

const problem = beforeLast && releaseProblem(await compareContracts(beforeLast.path, last.path));
const comparison = await compareContracts(last.path, join(root, "openapi.yaml"));
const pending = await listPendingChanges(root);
const risen = bumpBetween(comparison.from, comparison.to);
const isAllowed = comparison.bump !== "major" || risen === "major";
const report = isAllowed ? changesReport(comparison, pending) : breakingReport(comparison, pending);
console.log([report, ...(problem === undefined ? [] : [problem])].join("\n\n"));
if (!isAllowed || problem !== undefined) process.exitCode = 1;

function changesReport({ from, to, bump, changes }: Comparison, pending: readonly PendingChange[]): string {
  if (bump === "none") return `openapi.yaml says what the last release says, ${from}.`;
  const shown = changes.filter(({ impact }) => impact !== "patch");
  const others = changes.length - shown.length;
  const breaks =
    bump === "major" ? `they may break callers, and the major version rose (${to})` : "callers keep working";
  return [
    `Changes of openapi.yaml since the last release, ${from}; ${breaks}:`,
    ...shown.map(paragraph),
    ...(others === 0 ? [] : [`  patch  ${others} of texts, examples and the like`]),
    ...(undescribed(bump, pending).length === 0
      ? []
      : [`They are not described yet:\n  ${changesetCommand(bump)}`]),
  ].join("\n\n");
}

function breakingReport({ from, changes }: Comparison, pending: readonly PendingChange[]): string {
  const next = raised(from, "major");
  const describe = undescribed("major", pending).length === 0 ? [] : [`     ${changesetCommand("major")}`];
  return [
    `openapi.yaml breaks callers of the last release, ${from}, and its major version did not rise:`,
    ...changes.filter(({ impact }) => impact === "major").map(paragraph),
    `How to proceed, one of:
  1. Take the change back. ${releasesFolder}/${from}.yaml has what callers rely on.
  2. Add, and leave what is there: a new operation, an optional parameter or field beside the old one, which becomes
     \`deprecated: true\`.
  3. Decide to break, and release ${next}:
${[...describe, "     npm run release:version"].join("\n")}`,
  ].join("\n\n");
}

/** The releases are compared too: a release that hid a breaking change would make it the measure of the next one. */
function releaseProblem({ from, to, bump, changes }: Comparison): string | undefined {
  if (covers(bumpBetween(from, to), bump)) return undefined;
  return [
    `The last release, ${to}, should have been ${raised(from, bump)}: since ${from} it has ${bump} changes.`,
    ...changes.filter(({ impact }) => impact === bump).map(paragraph),
    `Undo that release, describe the change, and release it again:
     ${changesetCommand(bump)}
     npm run release:version`,
  ].join("\n\n");
}

function paragraph({ impact, where, what, values, line }: ContractChange): string {
  return [
    `  ${impact}  ${where}`,
    `    ${what}`,
    ...(values === undefined ? [] : [`    from ${shown(values.from)}`, `    to   ${shown(values.to)}`]),
    ...(line === undefined ? [] : [`    ${line}`]),
  ].join("\n");
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}

function changesetCommand(bump: string): string {
  return `npx changeset -m "what changed for callers" --${bump} ${released.map(({ name }) => name).join(",")}`;
}
