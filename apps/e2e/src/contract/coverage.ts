import { mkdir, writeFile } from "node:fs/promises";
import { type OperationDescription, operations } from "@wuts/contract";
import type { Case } from "@wuts/contract-cases";
import { type TargetName, targetNames } from "./targets.ts";

/** One way in which an operation may answer. */
export interface Outcome {
  readonly operationId: string;
  readonly status: number;
  /** Of a success, the name of an example. */
  readonly outcome: string;
  readonly isError: boolean;
}

const descriptions: readonly OperationDescription[] = operations;

/** Everything that the contract says an operation may answer, in the contract's order. */
export const outcomesOfContract: readonly Outcome[] = descriptions.flatMap(({ operationId, responses }) =>
  responses.flatMap(({ status, errorCodes, examples }) => {
    const isError = errorCodes.length > 0;
    return (isError ? errorCodes : examples).map((outcome) => ({ operationId, status, outcome, isError }));
  }),
);

const produced = new Map<TargetName, Set<string>>(targetNames.map((name) => [name, new Set()]));

/** Notes that a target has answered as a case says. */
export function noteProduced(target: TargetName, wanted: Case): void {
  produced.get(target)?.add(keyOf(wanted));
}

/** @returns what a target has not answered, as `getDevice 404 DEVICE_NOT_FOUND` */
export function notProducedBy(target: TargetName): string[] {
  return outcomesOfContract.map(keyOf).filter((key) => !produced.get(target)?.has(key));
}

/** Writes `coverage.md` and `coverage.json`. @returns the table, as Markdown */
export async function writeReport(folder: URL): Promise<string> {
  const rows = outcomesOfContract.map((outcome) => ({
    operation: outcome.operationId,
    status: outcome.status,
    error_code: outcome.isError ? outcome.outcome : null,
    example: outcome.isError ? null : outcome.outcome,
    produced_by: targetNames.filter((name) => produced.get(name)?.has(keyOf(outcome))),
  }));
  const lines = rows.map((row) => [
    row.operation,
    row.status,
    row.error_code ?? `- (${row.example})`,
    ...targetNames.map((name) => (row.produced_by.includes(name) ? "yes" : "**no**")),
  ]);
  const head = ["operation", "status", "error_code", ...targetNames];
  const table = [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  await mkdir(folder, { recursive: true });
  await writeFile(new URL("coverage.md", folder), `# Which target answered what\n\n${table}\n`);
  await writeFile(new URL("coverage.json", folder), `${JSON.stringify(rows, null, 2)}\n`);
  return table;
}

export function keyOf({ operationId, status, outcome }: Pick<Outcome, "operationId" | "status" | "outcome">) {
  return `${operationId} ${status} ${outcome}`;
}
