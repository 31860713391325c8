import assert from "node:assert/strict";
import { glob } from "node:fs/promises";
import { operationFile, operations } from "@wuts/contract";
import type { Accounts, Case, ContractCases } from "@wuts/contract-cases";

const end = ".cases.ts";

/**
 * Reads the cases that stand beside the handlers, `<tag>/<operation-id>.cases.ts`.
 * @returns them, in the order of the contract's operations
 * @throws Error for a file of an operation that the contract does not have, or with cases of another one
 */
export async function casesBesideHandlers(folder: URL, accounts: Accounts): Promise<Case[]> {
  const files = new Set<string>();
  for await (const file of glob(`*/*${end}`, { cwd: folder })) files.add(file);
  const cases: Case[] = [];
  for (const operation of operations) {
    const file = `${operationFile(operation)}${end}`;
    if (!files.delete(file)) continue;
    const module: { readonly cases?: ContractCases } = await import(new URL(file, folder).href);
    assert.equal(
      module.cases?.operationId,
      operation.operationId,
      `${file} exports the cases of its operation`,
    );
    cases.push(...(module.cases?.casesWith(accounts) ?? []));
  }
  assert.deepEqual([...files], [], "these files have cases of operations that the contract does not have");
  return cases;
}
