import { alignedTable, withSection } from "../../../scripts/readme-section.ts";
import type { Machine, Result } from "./result.ts";
import { measured, verdict, wanted } from "./table.ts";

/** @returns the README with the goals and what a run came to @throws Error when it has no place for them */
export function withResults(readme: string, result: Result): string {
  const text = `${goalsTable(result)}\n\n${where(result)}`;
  return withSection(readme, "bench", "npm run bench -- --readme", text);
}

function goalsTable({ sections }: Result): string {
  const rows = sections.flatMap(({ title, goals }) =>
    goals.map((goal, index) => [
      index === 0 ? title : "",
      goal.what,
      wanted(goal),
      measured(goal),
      verdict(goal),
    ]),
  );
  return alignedTable([["Compared", "What", "Goal", "Measured", ""], ...rows]);
}

function where({ machine, startedAt, quick }: Result): string {
  const day = startedAt.slice(0, 10);
  const kind = quick ? " A quick run: the numbers mean nothing." : "";
  return `${placeOf(machine)}, ${day}. Load, server and simulated WhatsApp share the machine.${kind}`;
}

function placeOf({ cores, cpu, memoryGiB, node }: Machine): string {
  return `${cores} cores (${cpu}), ${memoryGiB} GiB, Node ${node}`;
}
