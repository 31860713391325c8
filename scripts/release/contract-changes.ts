import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { type Contract, type OperationDescription, parseContract } from "@wuts/contract";
import { roles } from "@wuts/server/roles";
import { placeOf } from "./contract-place.ts";
import { takesTheSame } from "./rewritten-patterns.ts";

/** By how much a version rises, from the least to the most. */
export const bumps = ["none", "patch", "minor", "major"] as const;

export type Bump = (typeof bumps)[number];

/** One difference between two contracts. */
export interface ContractChange {
  /** `major` when callers of the older contract may break, `minor` when something was added, else `patch`. */
  readonly impact: Exclude<Bump, "none">;
  /** For people: an operation, and what of it. */
  readonly where: string;
  /** For people: one sentence. */
  readonly what: string;
  /** What stood there before and stands there now, where one short value became another. */
  readonly values?: { readonly from: unknown; readonly to: unknown };
  /** `<file>:<line>`, where there is one. */
  readonly line?: string;
}

export interface Comparison {
  /** The versions that the two contracts say they are. */
  readonly from: string;
  readonly to: string;
  /** What a release of the newer contract must raise the version by, at least; `none` when both say the same. */
  readonly bump: Bump;
  readonly changes: readonly ContractChange[];
}

/** @returns whether `bump` is at least as much as `wanted` */
export function covers(bump: Bump, wanted: Bump): boolean {
  return bumps.indexOf(bump) >= bumps.indexOf(wanted);
}

/**
 * Compares two contracts, `info.version` aside: what `redocly diff` finds, and what it does not know to break callers.
 * @throws Error when one of the files is no contract
 */
export async function compareContracts(olderPath: string, newerPath: string): Promise<Comparison> {
  const [older, newer] = await Promise.all(
    [olderPath, newerPath].map(async (path) => parseContract(await readFile(path, "utf8"))),
  );
  if (older === undefined || newer === undefined) throw new Error("two contracts are needed");
  const found = await redoclyDiff(olderPath, newerPath);
  const changes = [
    ...found.filter((change) => !isVersion(change)).map((change) => describe(change, older, newer)),
    ...operationBreaks(older, newer),
    ...lostGeneralErrorCodes(older, newer),
  ];
  if (changes.length === 0 && !saysTheSame(older, newer)) changes.push(unseenChange);
  return {
    from: versionOf(older),
    to: versionOf(newer),
    bump: bumps.findLast((bump) => changes.some(({ impact }) => impact === bump)) ?? "none",
    changes,
  };
}

/** `redocly diff` does not look into lists of extensions. */
const unseenChange: ContractChange = {
  impact: "patch",
  where: "extensions",
  what: "A list under a name that begins with `x-` is another one.",
};

function versionOf({ document: { info } }: Contract): string {
  if (typeof info.version !== "string") throw new Error("info.version of a contract is not a text");
  return info.version;
}

function saysTheSame(older: Contract, newer: Contract): boolean {
  const [before, after] = [older, newer].map(({ document: { info, ...rest } }) => ({
    ...rest,
    info: { ...info, version: undefined },
  }));
  return isDeepStrictEqual(before, after);
}

/** What `redocly diff --format json` says about one change. */
interface RedoclyChange {
  readonly path: string;
  readonly typeName: string;
  readonly kind: "added" | "removed" | "modified";
  readonly impact: ContractChange["impact"];
  readonly property?: string;
  readonly verdicts: readonly { readonly message: string }[];
  readonly base?: RedoclyPlace;
  readonly revision?: RedoclyPlace;
}

interface RedoclyPlace {
  readonly file: string;
  readonly line: number;
  readonly value?: unknown;
}

async function redoclyDiff(olderPath: string, newerPath: string): Promise<readonly RedoclyChange[]> {
  const cli = fileURLToPath(new URL("../../node_modules/@redocly/cli/bin/cli.js", import.meta.url));
  const config = fileURLToPath(new URL("../../redocly.yaml", import.meta.url));
  const options = ["--config", config, "--format", "json", "--fail-on", "major"];
  const { code, stdout, stderr } = await run([cli, "diff", olderPath, newerPath, ...options]);
  if (!stdout.startsWith("{")) throw new Error(`redocly diff did not compare the contracts:\n${stderr}`);
  const { changes, summary }: { changes: RedoclyChange[]; summary: { major: number } } = JSON.parse(stdout);
  if ((code !== 0) !== summary.major > 0) throw new Error(`redocly diff exited with ${code}:\n${stderr}`);
  return changes;
}

function run(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const quiet = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  const env = { ...process.env, ...quiet, REDOCLY_SUPPRESS_NOTIFICATIONS: "true" };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env, maxBuffer: 2 ** 26 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

function isVersion({ typeName, property }: RedoclyChange): boolean {
  return typeName === "Info" && property === "version";
}

function describe(change: RedoclyChange, older: Contract, newer: Contract): ContractChange {
  const { kind, property, base, revision, verdicts } = change;
  const place = revision ?? base;
  const ours = overlooked(change);
  const sentences = [...verdicts.map(({ message }) => message), ...(ours === undefined ? [] : [ours])];
  const values = { from: base?.value, to: revision?.value };
  return {
    impact: ours === undefined ? impactOf(change) : "major",
    where: placeOf(change.path, (kind === "removed" ? older : newer).document),
    what: sentences.join(" ") || (property === undefined ? `Was ${kind}.` : `\`${property}\` was ${kind}.`),
    ...(kind === "modified" && isShort(values.from) && isShort(values.to) ? { values } : {}),
    ...(place === undefined ? {} : { line: `${place.file}:${place.line}` }),
  };
}

/** To `redocly diff`, any other pattern may refuse what was taken. */
function impactOf({ property, base, revision, impact }: RedoclyChange): ContractChange["impact"] {
  return property === "pattern" && takesTheSame(base?.value, revision?.value) ? "patch" : impact;
}

/** @returns why a change breaks callers that `redocly diff` rates as harmless */
function overlooked({ typeName, property, base }: RedoclyChange): string | undefined {
  if (typeName === "Schema" && property === "default" && base?.value !== undefined)
    return "Callers who leave it out get something else.";
  if (typeName === "Header" && property === "required" && base?.value === true)
    return "It may be missing now.";
  return undefined;
}

function isShort(value: unknown): boolean {
  return value === undefined || JSON.stringify(value).length <= 300;
}

/** Breaking changes of operations that `redocly diff` cannot see, since they are in our extensions, or takes for harmless. */
function operationBreaks(older: Contract, newer: Contract): ContractChange[] {
  return older.operations.flatMap((before) => {
    const after = newer.operations.find(({ operationId }) => operationId === before.operationId);
    return after === undefined ? [] : [...breaksOf(before, after), ...lostErrorCodes(before, after)];
  });
}

function breaksOf(before: OperationDescription, after: OperationDescription): ContractChange[] {
  const checks = [
    {
      broken: rank(after) > rank(before) || (isForMetrics(before) !== isForMetrics(after) && !after.public),
      what: "Not everyone who could call it still can.",
      values: { from: callersOf(before), to: callersOf(after) },
    },
    {
      broken: !stillEnough(before.requiresOneOf, after.requiresOneOf),
      what: "Of these parameters one is needed and the first one counts; requests that were right are not any more.",
      values: { from: before.requiresOneOf, to: after.requiresOneOf },
    },
    {
      broken: before.tag !== after.tag,
      what: "Its first tag names the client's group of methods, so the method has moved.",
      values: { from: before.tag, to: after.tag },
    },
  ];
  return checks.flatMap(({ broken, ...said }) =>
    broken ? [{ impact: "major", where: nameOf(after), ...said } as const] : [],
  );
}

/** What a caller must be, as a number: anybody, a user with this role or one above it, or who has the master token. */
function rank(operation: OperationDescription): number {
  const ranks: readonly string[] = [...roles, "master"];
  return operation.public ? -1 : Math.max(0, ranks.indexOf(operation.role));
}

/** The token for metrics is good for nothing else, and no other one is good for them. */
function isForMetrics({ role }: OperationDescription): boolean {
  return role === "metrics";
}

function callersOf(operation: OperationDescription): string {
  return operation.public ? "anybody" : `a token, x-role ${operation.role}`;
}

/** Whether every request with enough of the parameters `before` has enough of `after`, and the same one counts. */
function stillEnough(before: readonly string[], after: readonly string[]): boolean {
  if (after.length === 0) return true;
  return (
    before.length > 0 &&
    isDeepStrictEqual(
      after.filter((name) => before.includes(name)),
      before,
    )
  );
}

/** Callers branch on error codes; fewer values in an answer break none of the other fields. */
function lostErrorCodes(before: OperationDescription, after: OperationDescription): ContractChange[] {
  return before.responses.flatMap(({ status, errorCodes }) => {
    const now = after.responses.find((response) => response.status === status)?.errorCodes;
    const lost = errorCodes.filter((code) => now !== undefined && !now.includes(code));
    if (lost.length === 0) return [];
    const what = `It no longer answers ${lost.join(", ")}, which callers may wait for.`;
    const values = { from: errorCodes, to: now };
    return [{ impact: "major", where: `${nameOf(after)}, answer ${status}`, what, values }];
  });
}

/** The same for what answers requests for no operation, such as 404 `NOT_FOUND`. */
function lostGeneralErrorCodes(older: Contract, newer: Contract): ContractChange[] {
  const kept = newer.errors.filter(({ withoutOperation }) => withoutOperation).map(({ code }) => code);
  const lost = older.errors.filter(({ code, withoutOperation }) => withoutOperation && !kept.includes(code));
  return lost.map(({ code }) => ({ impact: "major", where: "error codes", what: `${code} is gone.` }));
}

function nameOf({ method, path }: OperationDescription): string {
  return `${method.toUpperCase()} ${path}`;
}
