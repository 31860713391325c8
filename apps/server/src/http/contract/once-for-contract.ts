import type { Contract } from "@wuts/contract";

/**
 * Makes of a contract once what depends on nothing else, however many servers of this process hold to it: compiling its
 * schemas anew for each took a quarter of the time of the contract tests.
 */
export function onceForContract<Made extends object>(
  make: (contract: Contract) => Made,
): (contract: Contract) => Made {
  const made = new WeakMap<Contract, Made>();
  return (contract) => {
    const known = made.get(contract) ?? make(contract);
    made.set(contract, known);
    return known;
  };
}
