/** What a test of a fault tells of it; `npm run faults` makes the README's table of it. */
export interface FaultReport {
  /** The name of its test, by which the runner says whether it passed. */
  readonly test: string;
  /** What faults have in common. */
  readonly area: string;
  readonly what: string;
  /** What callers were answered meanwhile, each once: `503 DEVICE_NOT_READY`. */
  readonly seen: readonly string[];
  readonly ended: string;
  readonly times: number;
}

/** How a report is told apart from other diagnostics of a test. */
export const reportMark = "fault report: ";

/** How a sentence is told apart that stands beside the table. */
export const noteMark = "fault note: ";
