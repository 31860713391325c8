import { fileURLToPath } from "node:url";

export const readmePath = fileURLToPath(new URL("../README.md", import.meta.url));

/**
 * Puts a text between the two marks of a section that is written by a command.
 * @param section its name, as in `<!-- settings: begin, written by npm run readme -->`
 */
export function withSection(readme: string, section: string, command: string, text: string): string {
  const [begin, end] = [`<!-- ${section}: begin, written by ${command} -->`, `<!-- ${section}: end -->`];
  const [before, rest] = split(readme, begin);
  const [, after] = split(rest, end);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

/** A Markdown table whose columns are as wide as the formatter wants them. */
export function alignedTable([head = [], ...rows]: string[][]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: string[], fill: string) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`;
  return [line(head, " "), line([], "-"), ...rows.map((row) => line(row, " "))].join("\n");
}

function split(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`the README has no line ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
