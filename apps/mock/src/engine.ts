import { createLogger } from "@stoplight/prism-core";
import { createInstance, getHttpOperationsFromSpec, type IHttpRequest } from "@stoplight/prism-http";
import type { Contract, OperationDescription } from "@wuts/contract";
import { linesType } from "@wuts/contract/document";
import { type FieldError, refusals } from "./http/refusal.ts";
import { type Field, fieldsOf } from "./outcomes/fields.ts";
import { type Outcome, outcomesOf } from "./outcomes/outcomes.ts";

/** What the mock knows about an operation. */
export interface MockedOperation extends OperationDescription {
  readonly fields: readonly Field[];
  readonly outcomes: readonly Outcome[];
}

/** One documented outcome of an operation. */
export interface Choice {
  readonly status: number;
  /** Whether it is answered line by line. */
  readonly lines: boolean;
  /** The name of one of its examples; the first one when left out. */
  readonly example?: string;
}

/** What Prism says. */
export interface MockedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Prism on a contract. */
export interface Engine {
  readonly operations: readonly MockedOperation[];
  /** The chosen outcome, or without a choice the first success. Throws a refusal for what Prism finds wrong. */
  answer(request: IHttpRequest, choice: Choice | undefined): Promise<MockedAnswer>;
  /** The chosen outcome whatever the request is. */
  answerUnchecked(request: IHttpRequest, choice: Choice): Promise<MockedAnswer>;
}

/** Rejects when the contract has a scenario that is none, or is not one that Prism takes. */
export async function createEngine(contract: Contract): Promise<Engine> {
  const operations = contract.operations.map((operation) => {
    const fields = fieldsOf(contract, operation);
    return { ...operation, fields, outcomes: outcomesOf(contract, operation, fields) };
  });
  // Prism writes into the document that it is given, and its operations into each other.
  const prismOperations = await getHttpOperationsFromSpec(structuredClone(contract.document));
  const logger = createLogger("prism", { level: "silent" });
  const config = {
    isProxy: false,
    errors: false,
    // `authorise` has done it: Prism knows no bare token.
    checkSecurity: false,
    validateResponse: false,
    upstreamProxy: undefined,
  } as const;
  const prism = createInstance({ ...config, validateRequest: true, mock: { dynamic: false } }, { logger });

  async function ask(
    request: IHttpRequest,
    choice: Choice | undefined,
    validateRequest: boolean,
  ): Promise<MockedAnswer> {
    const mock = {
      dynamic: false,
      ...(choice && { code: choice.status }),
      ...(choice?.example !== undefined && { exampleKey: choice.example }),
    };
    // Without `Accept`, Prism takes what the contract names first, as the server does.
    const headers = { ...request.headers, ...(choice?.lines && { accept: linesType }) };
    const asked = { ...request, headers };
    const result = await prism.request(asked, prismOperations, { ...config, validateRequest, mock })();
    if (result._tag === "Left") throw result.left;
    const { output, validations } = result.right;
    if (validations.input.length > 0) throw refusals.invalid(validations.input.map(fieldError));
    return { status: output.statusCode, headers: output.headers ?? {}, body: output.body };
  }

  return {
    operations,
    answer: (request, choice) => ask(request, choice, true),
    answerUnchecked: (request, choice) => ask(request, choice, false),
  };
}

interface Violation {
  readonly message: string;
  readonly code?: string | number | undefined;
  readonly path?: readonly (string | number)[] | undefined;
}

/** `["query", "limit"]` and `Request query parameter limit must be >= 1` become `limit` and `must be >= 1`. */
function fieldError({ message, code, path = ["body"] }: Violation): FieldError {
  const within = path.slice(1);
  const name = /'([^']*)'$/.exec(message)?.[1];
  if (name !== undefined && code === "required") return named([...within, name], "is required");
  if (name !== undefined && code === "additionalProperties") return named([...within, name], "is not known");
  return named(within, /\b(must|is) .*/s.exec(message)?.[0] ?? message);
}

function named(path: readonly (string | number)[], message: string): FieldError {
  return { field: path.join(".") || "body", message };
}
