import type { Goal, Result, Section } from "./result.ts";

/** A result for the terminal. */
export function table({ machine, sections, quick }: Result): string {
  const { cores, cpu, node, memoryGiB } = machine;
  const where = `${cores} cores (${cpu}), ${memoryGiB} GiB, Node ${node}; everything that is measured shares them.`;
  return [
    "",
    ...sections.flatMap(ofSection),
    where,
    "Medians of the rounds. What is compared was measured in turns, and is compared within a round.",
    ...(quick ? ["A quick run: the numbers mean nothing."] : []),
    "",
  ].join("\n");
}

function ofSection({ name, title, how, rows, goals }: Section): string[] {
  const columns = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
  const cells = rows.map(({ what, figures }) => [
    what,
    ...columns.map((column) => shown(figures[column] ?? Number.NaN)),
  ]);
  return [
    `${title} (${name})`,
    how,
    "",
    ...aligned([["", ...columns], ...cells]),
    "",
    ...goals.map((goal) => `${verdict(goal)}  ${goal.what}: ${measured(goal)}, goal ${wanted(goal)}`),
    "",
  ];
}

export function verdict({ met }: Goal): string {
  return met ? "met" : "NOT MET";
}

export function measured({ measured, unit }: Goal): string {
  return withUnit(shown(measured), unit);
}

export function wanted({ wanted, limit, unit }: Goal): string {
  return `${wanted} ${withUnit(String(limit), unit)}`;
}

function withUnit(number: string, unit: string): string {
  return unit === "" ? number : `${number} ${unit}`;
}

/** As many digits as mean something. */
function shown(number: number): string {
  if (Number.isNaN(number)) return "-";
  return number.toFixed(Math.abs(number) >= 100 ? 0 : Math.abs(number) >= 10 ? 1 : 2);
}

/** The first column to the left, numbers to the right. */
function aligned(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("   ")
      .trimEnd(),
  );
}
