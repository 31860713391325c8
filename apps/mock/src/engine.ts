import { createLogger } from "@stoplight/prism-core";
import { createInstance, getHttpOperationsFromSpec, type IHttpRequest } from "@stoplight/prism-http";
import type { IHttpOperation } from "@stoplight/types";
import { contract } from "@wuts/contract";
import { type FieldError, refusals } from "./refusal.ts";

/** One documented outcome of an operation. */
export interface Choice {
  readonly status: number;
  /** The name of one of its examples; the first one when left out. */
  readonly example?: string;
}

/** What Prism says. */
export interface MockedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Prism on the contract. */
export interface Engine {
  /** The contract's operations as Prism reads them. */
  readonly operations: readonly IHttpOperation[];
  /** The chosen outcome whatever the request is; without a choice the request is validated, then the first success. */
  answer(request: IHttpRequest, choice: Choice | undefined): Promise<MockedAnswer>;
}

/** Throws a refusal for what Prism finds wrong with a request. */
export async function createEngine(): Promise<Engine> {
  // Prism writes into the document that it is given, and its operations into each other.
  const operations = await getHttpOperationsFromSpec(structuredClone(contract));
  const logger = createLogger("prism", { level: "silent" });
  const config = {
    isProxy: false,
    errors: false,
    // `authorise` has done it: Prism knows no bare token.
    checkSecurity: false,
    validateResponse: false,
    upstreamProxy: undefined,
  } as const;
  const base = { ...config, validateRequest: true, mock: { dynamic: false } };
  const prism = createInstance(base, { logger });

  return {
    operations,
    async answer(request, choice) {
      const mock = {
        dynamic: false,
        ...(choice && { code: choice.status }),
        ...(choice?.example !== undefined && { exampleKey: choice.example }),
      };
      const result = await prism.request(request, operations, {
        ...config,
        validateRequest: choice === undefined,
        mock,
      })();
      if (result._tag === "Left") throw result.left;
      const { output, validations } = result.right;
      if (validations.input.length > 0) throw refusals.invalid(validations.input.map(fieldError));
      return { status: output.statusCode, headers: output.headers ?? {}, body: output.body };
    },
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
