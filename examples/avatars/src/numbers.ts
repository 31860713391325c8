import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";

/**
 * Reads the numbers of a CSV: its column `number` or `phone` where the first line has one, else its first column.
 * @returns each once, as it is first written, in the order of the file
 */
export async function readNumbers(path: string): Promise<string[]> {
  const rows: string[][] = parse(await readFile(path), {
    bom: true,
    delimiter: [",", ";", "\t"],
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  const named = rows[0]?.findIndex((cell) => /^(number|phone)$/i.test(cell)) ?? -1;
  const cells = named < 0 ? rows.map(([first]) => first) : rows.slice(1).map((row) => row[named]);
  const numbers = cells.flatMap((cell) => cell || []);
  const byDigits = Map.groupBy(numbers, (number) => number.replaceAll(/\D/g, "") || number);
  return [...byDigits.values()].flatMap(([first]) => first ?? []);
}
