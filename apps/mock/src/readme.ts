import { listOutcomes, outcomesByOperation } from "./outcomes.ts";

const begin = "<!-- outcomes: begin -->";
const end = "<!-- outcomes: end -->";

/** The README with its list of outcomes as the contract has them now. Throws when the markers are missing. */
export async function withOutcomes(readme: string): Promise<string> {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the README needs the lines ${begin} and ${end}`);
  return `${readme.slice(0, from + begin.length)}\n\n${await outcomeList()}\n${readme.slice(to)}`;
}

async function outcomeList(): Promise<string> {
  const sections = [...outcomesByOperation(await listOutcomes())].map(([request, outcomes]) => {
    const rows = outcomes.map(({ status, example, errorCode, summary }) => [
      `${status}`,
      `\`${example}\``,
      errorCode === undefined ? "" : `\`${errorCode}\``,
      summary,
    ]);
    const title = `### \`${request}\` (${outcomes[0]?.operationId})`;
    return `${title}\n\n${table([["code", "example", "error_code", "what it shows"], ...rows])}\n`;
  });
  return sections.join("\n");
}

/** Aligned, as the formatter would leave it: it must not make the list stale. */
function table([head = [], ...rows]: string[][]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width) => "-".repeat(width));
  const line = (row: string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [head, rule, ...rows].map(line).join("\n");
}
