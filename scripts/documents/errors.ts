import { contract, wutsContract } from "@wuts/contract";
import { asObject } from "@wuts/contract/document";
import { listItem } from "./readme-section.ts";

/** @returns a list of every error code, with its statuses, what it means and what to do about it */
export function everyError(): string {
  const { ErrorCode } = asObject(asObject(contract.components).schemas);
  const meanings = asObject(asObject(ErrorCode)["x-enumDescriptions"]);
  return wutsContract.errors
    .map(({ code, statuses, withoutOperation }) => {
      const meaning = meanings[code];
      if (typeof meaning !== "string") throw new Error(`the contract does not say what ${code} means`);
      // A path or a method that is not described is of no operation.
      const all =
        statuses.length > 0 || !withoutOperation ? statuses.toSorted().join(", ") : "of no operation";
      return listItem(`\`${code}\` (${all}): ${meaning.trim()}`);
    })
    .join("\n");
}
