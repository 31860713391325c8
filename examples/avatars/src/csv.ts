import Papa from "papaparse";

/**
 * Parses a CSV whose delimiter is a comma, a semicolon or a tab.
 * @throws Error when quotes are not closed or not escaped
 */
export function parseRows(text: string): string[][] {
  const { data, errors } = Papa.parse<string[]>(text, {
    delimitersToGuess: [",", ";", "\t"],
    skipEmptyLines: "greedy",
  });
  throwQuoteError(errors);
  return data.map((row) => row.map((cell) => cell.trim()));
}

/**
 * Parses a CSV that `formatRows` wrote with its header.
 * @returns a record for each line after the header; a cell that the line lacks is missing
 * @throws Error when quotes are not closed or not escaped
 */
export function parseRecords(text: string): Record<string, string>[] {
  const { data, errors } = Papa.parse<Record<string, string>>(text, {
    delimiter: ",",
    newline: "\n",
    header: true,
    skipEmptyLines: true,
  });
  throwQuoteError(errors);
  return data;
}

/** Formats records as lines of CSV that end with a line feed. */
export function formatRows<Column extends string>(
  records: readonly Readonly<Record<Column, string>>[],
  columns: readonly Column[],
  { header }: { readonly header: boolean },
): string {
  const rows = records.map((record) => columns.map((column) => record[column]));
  return `${Papa.unparse(header ? [[...columns], ...rows] : rows, { newline: "\n" })}\n`;
}

/** Papa Parse's other errors say that it found no delimiter, or that a row has more or fewer cells; both are harmless here. */
function throwQuoteError(errors: readonly Papa.ParseError[]): void {
  const error = errors.find(({ type }) => type === "Quotes");
  if (error) throw new Error(`row ${(error.row ?? 0) + 1} is not valid CSV: ${error.message}`);
}
