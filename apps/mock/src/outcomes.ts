import type { IHttpOperation } from "@stoplight/types";
import { createEngine } from "./engine.ts";

/** An answer that can be chosen with `Prefer`. */
export interface Outcome {
  readonly operationId: string;
  /** As `GET /devices/{device_id}`. */
  readonly request: string;
  readonly status: number;
  readonly example: string;
  /** What the example shows, for people. */
  readonly summary: string;
  /** `undefined` for successes. */
  readonly errorCode: string | undefined;
}

/** Every outcome of every operation, in the contract's order. */
export async function listOutcomes(): Promise<Outcome[]> {
  const { operations } = await createEngine();
  return operations.flatMap(outcomesOf);
}

/** The same outcomes under their request, as `GET /devices/{device_id}`. */
export function outcomesByOperation(outcomes: readonly Outcome[]): Map<string, Outcome[]> {
  return Map.groupBy(outcomes, ({ request }) => request);
}

/** Every outcome of one operation, lowest status first. */
export function outcomesOf(operation: IHttpOperation): Outcome[] {
  const outcomes = operation.responses.flatMap(({ code, contents = [] }) =>
    contents.flatMap(({ examples = [] }) =>
      examples.map((example) => ({
        operationId: operation.iid ?? operation.id,
        request: `${operation.method.toUpperCase()} ${operation.path}`,
        status: Number(code),
        example: example.key,
        summary: example.summary ?? "",
        errorCode: "value" in example ? errorCodeOf(example.value) : undefined,
      })),
    ),
  );
  return outcomes.sort((a, b) => a.status - b.status);
}

function errorCodeOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("error_code" in body)) return undefined;
  return typeof body.error_code === "string" ? body.error_code : undefined;
}
