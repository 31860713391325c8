import { createLogger } from "@stoplight/prism-core";
import { createInstance, getHttpOperationsFromSpec, type IHttpRequest } from "@stoplight/prism-http";
import type { Contract, OperationDescription } from "@wuts/contract";
import { linesType } from "@wuts/contract/document";
import { type FieldError, refusals } from "./http/refusal.ts";
import { type Field, fieldsOf } from "./outcomes/fields.ts";
import { type Outcome, outcomesOf } from "./outcomes/outcomes.ts";

/** An operation with its request fields and its outcomes. */
export interface MockedOperation extends OperationDescription {
  readonly fields: readonly Field[];
  readonly outcomes: readonly Outcome[];
}

/** The selection of a documented outcome. */
export interface Choice {
  readonly status: number;
  /** Whether the response is NDJSON. */
  readonly lines: boolean;
  /** The name of one of its examples; the first one when left out. */
  readonly example?: string;
}

/** Prism's response. */
export interface MockedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Prism on a contract. */
export interface Engine {
  readonly operations: readonly MockedOperation[];
  /** @returns the chosen outcome, or else the first success. @throws Refusal when the request is invalid */
  answer(request: IHttpRequest, choice: Choice | undefined): Promise<MockedAnswer>;
  /** @returns the chosen outcome, without validating the request */
  answerUnchecked(request: IHttpRequest, choice: Choice): Promise<MockedAnswer>;
}

/** @throws Error when a scenario of the contract is malformed, or Prism rejects the contract */
export async function createEngine(contract: Contract): Promise<Engine> {
  const operations = contract.operations.map((operation) => {
    const fields = fieldsOf(contract, operation);
    return { ...operation, fields, outcomes: outcomesOf(contract, operation, fields) };
  });
  // Prism modifies the document that it is given.
  const prismOperations = await getHttpOperationsFromSpec(structuredClone(contract.document));
  const logger = createLogger("prism", { level: "silent" });
  const config = {
    isProxy: false,
    errors: false,
    // `authorise` checks it: Prism does not accept a bare token.
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
    // Without `Accept`, Prism selects the first content type of the contract, as the server does.
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
