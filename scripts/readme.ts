import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { settings } from "@wuts/server/config";

export const readmePath = fileURLToPath(new URL("../README.md", import.meta.url));

const begin = "<!-- settings: begin, written by npm run readme -->";
const end = "<!-- settings: end -->";

/** @returns the README with the table of settings as the code has them */
export function withSettings(readme: string): string {
  const [before, rest] = split(readme, begin);
  const [, after] = split(rest, end);
  return `${before}${begin}\n\n${settingsTable()}\n\n${end}${after}`;
}

function settingsTable(): string {
  const rows = Object.entries(settings.shape).map(([name, schema]) => {
    const fallback = schema.safeParse(undefined);
    const shown = fallback.success && fallback.data !== undefined ? `\`${fallback.data}\`` : "";
    return [`\`${name}\``, shown, schema.description ?? ""];
  });
  return aligned([["Setting", "Default", "Meaning"], ...rows]);
}

/** A Markdown table whose columns are as wide as the formatter wants them. */
function aligned([head = [], ...rows]: string[][]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)),
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

if (import.meta.main) await writeFile(readmePath, withSettings(await readFile(readmePath, "utf8")));
