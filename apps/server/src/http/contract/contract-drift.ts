import type { Contract } from "@wuts/contract";
import { usualRetryAfter } from "../../kernel/failures.ts";
import { isRole, roles } from "../../kernel/roles.ts";
import { StartRefused } from "../../kernel/start-refused.ts";
import type { Handlers } from "../../operations/operation.ts";
import { failures } from "../responses/errors.ts";
import { statusesOfBytes } from "../responses/file-response.ts";

/** The server and its contract differ. Thrown at start: such a server must not respond to any client. */
export class ContractDrift extends StartRefused {
  override readonly name = "ContractDrift";
  /** One sentence for each difference. */
  readonly differences: readonly string[];

  constructor(differences: readonly string[]) {
    super(["The server and openapi.yaml differ:", ...differences.map((each) => `- ${each}`)].join("\n"));
    this.differences = differences;
  }
}

/**
 * Compares the server's handlers, roles and failures with the contract that it is to enforce.
 * @throws ContractDrift that names every difference
 */
export function assertContractMatches(contract: Contract, handlers: Partial<Handlers>): void {
  const differences = [
    ...differencesOfHandlers(contract, handlers),
    ...differencesOfRoles(contract),
    ...differencesOfFailures(contract),
    ...differencesOfBytes(contract),
    ...differencesOfKeys(contract),
  ];
  if (differences.length > 0) throw new ContractDrift(differences);
}

function differencesOfHandlers({ operations }: Contract, handlers: Partial<Handlers>): string[] {
  const described = new Set<string>(operations.map(({ operationId }) => operationId));
  const handled = Object.entries(handlers)
    .filter(([, handler]) => typeof handler === "function")
    .map(([operationId]) => operationId);
  return [
    ...operations
      .filter(({ operationId }) => !handled.includes(operationId))
      .map(({ operationId, method, path }) => `${method} ${path} (${operationId}) has no handler`),
    ...handled
      .filter((operationId) => !described.has(operationId))
      .map((operationId) => `the handler ${operationId} has no operation`),
  ];
}

function differencesOfRoles({ operations }: Contract): string[] {
  return operations.flatMap(({ operationId, role, public: takesNoToken }) => {
    if (!["public", "master", "metrics"].includes(role) && !isRole(role)) {
      const known = ["public", ...roles, "master", "metrics"].join(", ");
      return [`${operationId} is for the role ${role}; the server knows ${known}`];
    }
    if ((role === "public") !== takesNoToken) {
      return [
        `${operationId} has x-role ${role}, but its security ${takesNoToken ? "is open" : "asks for a token"}`,
      ];
    }
    return [];
  });
}

function differencesOfFailures({ errors }: Contract): string[] {
  const known = Object.entries(failures).map(([name, failure]) => ({ name, ...failure }));
  return [
    ...errors
      .filter(({ code }) => !known.some((failure) => failure.code === code))
      .map(({ code }) => `no failure of the server becomes ${code}`),
    ...known.flatMap(({ name, status, code }) => {
      const described = errors.find((error) => error.code === code);
      if (!described) return [`${name} becomes ${code}, which the contract does not have`];
      const others = described.statuses.filter((each) => each !== status);
      const waits = name in usualRetryAfter;
      return [
        ...others.map((each) => `${name} becomes ${status} ${code}, the contract has ${each} ${code}`),
        ...(waits === described.retryAfter
          ? []
          : [`${code} is answered ${waits ? "with" : "without"} Retry-After, unlike in the contract`]),
      ];
    }),
  ];
}

/** Lists the missing statuses of operations that respond with bytes: `sendBytes` chooses the status, not the handler. */
function differencesOfBytes({ operations }: Contract): string[] {
  return operations
    .filter(({ responses }) => responses.some(({ bytes }) => bytes))
    .flatMap(({ operationId, responses }) =>
      statusesOfBytes
        .filter((wanted) => !responses.some(({ status }) => status === wanted))
        .map((missing) => `${operationId} answers bytes, but describes no ${missing}`),
    );
}

/** Lists what is missing of operations that take an `Idempotency-Key`: their one success, which is JSON, is sent again. */
function differencesOfKeys({ operations }: Contract): string[] {
  return operations
    .filter(({ takesIdempotencyKey }) => takesIdempotencyKey)
    .flatMap(({ operationId, responses }) => {
      const [success, ...others] = responses.filter(({ status }) => status < 400);
      const isOne =
        success?.status !== undefined && success.status < 300 && success.envelope && others.length === 0;
      const codes = responses.flatMap(({ errorCodes }) => errorCodes);
      return [
        ...(isOne ? [] : [`${operationId} takes an Idempotency-Key, but has not one success in JSON`]),
        ...(success?.headers.includes("Idempotency-Replayed")
          ? []
          : [`${operationId} takes an Idempotency-Key, but its success has no Idempotency-Replayed`]),
        ...(["IDEMPOTENCY_KEY_IN_USE", "IDEMPOTENCY_KEY_REUSED"] as const)
          .filter((code) => !codes.includes(code))
          .map((code) => `${operationId} takes an Idempotency-Key, but describes no ${code}`),
      ];
    });
}
