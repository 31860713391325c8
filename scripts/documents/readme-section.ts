import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);

/** Documents with sections that commands write. Absolute paths. */
export const readmePath = documentPath("README.md");
export const configurationPath = documentPath("docs/configuration.md");
export const errorsPath = documentPath("docs/errors.md");
export const resiliencePath = documentPath("docs/resilience.md");
export const performancePath = documentPath("docs/performance.md");

/** Of tables and of paragraphs that are written by commands, in characters. */
export const maxLineLength = 120;

function documentPath(path: string): string {
  return fileURLToPath(new URL(path, root));
}

/**
 * Puts a text between the two marks of a section that is written by a command.
 * @param section its name, as in `<!-- settings: begin, written by npm run readme -->`
 */
export function withSection(page: string, section: string, command: string, text: string): string {
  const [begin, end] = [`<!-- ${section}: begin, written by ${command} -->`, `<!-- ${section}: end -->`];
  const [before, rest] = split(page, begin);
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

/** A list item in lines of at most 120 characters. Code between backticks is not broken. */
export function listItem(text: string): string {
  return `- ${linesOf(text, maxLineLength - 2).join("\n  ")}`;
}

/** A paragraph, as `listItem` breaks one. */
export function paragraph(text: string): string {
  return linesOf(text, maxLineLength).join("\n");
}

function linesOf(text: string, mostCharacters: number): string[] {
  const [first = "", ...words] = text.match(/(?:[^\s`]|`[^`]*`)+/g) ?? [];
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length > mostCharacters) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function split(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`the page has no line ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
