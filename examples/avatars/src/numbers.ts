import { readFile } from "node:fs/promises";
import { parseRows } from "./csv.ts";

/**
 * Reads the phone numbers of a CSV: its column `number` or `phone` if the first line has one, else its first column.
 * @returns each number once, as it is first written, in the order of the file
 */
export async function readNumbers(path: string): Promise<string[]> {
  const rows = parseRows(await readFile(path, "utf8"));
  const named = rows[0]?.findIndex((cell) => /^(number|phone)$/i.test(cell)) ?? -1;
  const cells = named < 0 ? rows.map(([first]) => first) : rows.slice(1).map((row) => row[named]);
  const numbers = cells.flatMap((cell) => cell || []);
  const byDigits = Map.groupBy(numbers, (number) => number.replaceAll(/\D/g, "") || number);
  return [...byDigits.values()].flatMap(([first]) => first ?? []);
}
