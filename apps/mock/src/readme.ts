import { listOutcomes, outcomesByOperation } from "./outcomes.ts";
import { answerOf, scenarioHead, writtenValues } from "./scenarios.ts";
import { columns } from "./table.ts";

/** The README with its lists as the contract has them now. Throws when the markers of one are missing. */
export function withLists(readme: string): string {
  return between("outcomes", outcomeList(), between("scenarios", scenarioList(), readme));
}

function between(name: string, list: string, readme: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the README needs the lines ${begin} and ${end}`);
  return `${readme.slice(0, from + begin.length)}\n\n${list}\n${readme.slice(to)}`;
}

function scenarioList(): string {
  const rows = listOutcomes()
    .filter(({ scenarios }) => scenarios.length > 0)
    .map((outcome) => [
      code(outcome.request),
      outcome.scenarios.map((scenario) => code(writtenValues(scenario))).join(" or "),
      code(answerOf(outcome)),
      outcome.summary,
    ]);
  return `${table([scenarioHead, ...rows])}\n`;
}

function outcomeList(): string {
  const sections = [...outcomesByOperation(listOutcomes())].map(([request, outcomes]) => {
    const rows = outcomes.map(({ status, example, errorCode, summary }) => [
      `${status}`,
      code(example),
      errorCode === undefined ? "" : code(errorCode),
      summary,
    ]);
    const title = `### ${code(request)} (${outcomes[0]?.operationId})`;
    return `${title}\n\n${table([["code", "example", "error_code", "what it shows"], ...rows])}\n`;
  });
  return sections.join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Aligned, as the formatter would leave it: it must not make the list stale. */
function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = columns(rows);
  const rule = head.map((cell) => "-".repeat(cell.length));
  return [head, rule, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
