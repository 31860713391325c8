import { alignedTable, paragraph, withSection } from "../../../scripts/documents/readme-section.ts";
import type { Machine, Result } from "./result.ts";
import { measured, verdict, wanted } from "./table.ts";

/** @returns the page with the goals and what a run came to @throws Error when it has no place for them */
export function withResults(page: string, result: Result): string {
  const { sections } = result;
  const [main, appendix] = [false, true].map((which) =>
    sections.filter(({ isAppendix = false }) => isAppendix === which).map(sectionOf),
  );
  const text = [...(main ?? []), where(result), appendixTitle, ...(appendix ?? [])].join("\n\n");
  return withSection(page, "bench", "npm run bench -- --readme", text);
}

const appendixTitle = "## Appendix: when WhatsApp answers at once";

function sectionOf({ title, means, goals }: Result["sections"][number]): string {
  const rows = goals.map((goal) => [goal.what, wanted(goal), measured(goal), verdict(goal)]);
  return `### ${title}\n\n${paragraph(means)}\n\n${alignedTable([["What", "Goal", "Measured", ""], ...rows])}`;
}

function where({ machine, startedAt, quick }: Result): string {
  const day = startedAt.slice(0, 10);
  const kind = quick ? " A quick run: the numbers mean nothing." : "";
  return `${placeOf(machine)}, ${day}. Load, server and simulated WhatsApp share the machine.${kind}`;
}

function placeOf({ cores, cpu, memoryGiB, node }: Machine): string {
  return `${cores} cores (${cpu}), ${memoryGiB} GiB, Node ${node}`;
}
