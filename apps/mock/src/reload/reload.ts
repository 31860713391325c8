import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { parseContract } from "@wuts/contract";
import type { Mock } from "../mock.ts";
import { listOutcomes } from "../outcomes/outcomes.ts";
import { scenarioTable } from "../outcomes/scenarios.ts";

/**
 * Creates a function that reloads the mock's contract when the text of its file has changed, and logs the result. The function
 * never rejects: a contract that cannot be loaded leaves the mock as it is.
 * @param served the text that the mock serves now
 */
export function reloader(mock: Mock, path: string, served: string): () => Promise<void> {
  const name = basename(path);
  let seen = served;
  let table = scenarioTable(listOutcomes(parseContract(served)));

  return async () => {
    try {
      const text = await readFile(path, "utf8");
      if (text === seen) return;
      seen = text;
      const contract = parseContract(text);
      await mock.use(contract);
      console.log(`${time()} ${name} was read again, operations: ${contract.operations.length}.`);
      const tableNow = scenarioTable(listOutcomes(contract));
      if (tableNow !== table) console.log(`\n${tableNow}\n`);
      table = tableNow;
    } catch (error) {
      console.error(`${time()} ${name} was not taken, the mock answers as before: ${reasonOf(error)}`);
    }
  };
}

/** @returns the first line of an error; a parser's other lines repeat the position as a drawing */
export function reasonOf(error: unknown): string {
  const [line = ""] = (error instanceof Error ? error.message : `${error}`).split("\n");
  return line.replace(/[.:]$/, ".");
}

function time(): string {
  return new Date().toTimeString().slice(0, 8);
}
