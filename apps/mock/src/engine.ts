import { createLogger } from "@stoplight/prism-core";
import { createInstance, getHttpOperationsFromSpec, type IHttpRequest } from "@stoplight/prism-http";
import type { Contract, OperationDescription } from "@wuts/contract";
import { linesType } from "@wuts/contract/document";
import { type AskedItems, askedItemsOf } from "./outcomes/asked-items.ts";
import { type Field, fieldsOf } from "./outcomes/fields.ts";
import { type Outcome, outcomesOf } from "./outcomes/outcomes.ts";

/** An operation with its request fields and its outcomes. */
export interface MockedOperation extends OperationDescription {
  readonly fields: readonly Field[];
  readonly outcomes: readonly Outcome[];
  /** Of operations that answer with an item for each that was asked. */
  readonly askedItems: AskedItems | undefined;
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
  /** @returns the chosen outcome, or else the first success. The request is one that the contract allows */
  answer(request: IHttpRequest, choice: Choice | undefined): Promise<MockedAnswer>;
}

/** @throws Error when a scenario of the contract is malformed, or Prism rejects the contract */
export async function createEngine(contract: Contract): Promise<Engine> {
  const operations = contract.operations.map((operation) => {
    const fields = fieldsOf(contract, operation);
    return {
      ...operation,
      fields,
      outcomes: outcomesOf(contract, operation, fields),
      askedItems: askedItemsOf(contract, operation),
    };
  });
  // Prism modifies the document that it is given.
  const prismOperations = await getHttpOperationsFromSpec(structuredClone(contract.document));
  const logger = createLogger("prism", { level: "silent" });
  const config = {
    isProxy: false,
    errors: false,
    // The front, which is the server's, has checked the request.
    checkSecurity: false,
    validateRequest: false,
    validateResponse: false,
    upstreamProxy: undefined,
  } as const;
  const prism = createInstance({ ...config, mock: { dynamic: false } }, { logger });
  return {
    operations,
    async answer(request, choice) {
      const mock = {
        dynamic: false,
        ...(choice && { code: choice.status }),
        ...(choice?.example !== undefined && { exampleKey: choice.example }),
      };
      // Without `Accept`, Prism selects the first content type of the contract, as the server does.
      const headers = { ...request.headers, ...(choice?.lines && { accept: linesType }) };
      const result = await prism.request({ ...request, headers }, prismOperations, { ...config, mock })();
      if (result._tag === "Left") throw result.left;
      const { output } = result.right;
      return { status: output.statusCode, headers: output.headers ?? {}, body: output.body };
    },
  };
}
