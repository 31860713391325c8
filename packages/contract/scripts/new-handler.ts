/** @returns a handler that compiles with the skeleton of its operation, as `withOperation` writes it into the contract */
export function handlerOf(operationId: string): string {
  return `import type { Operation } from "../operation.ts";

export const ${operationId}: Operation<"${operationId}"> = () => ({ status: 200, data: { done: true } });
`;
}
