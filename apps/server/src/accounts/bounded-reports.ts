export interface BoundedReportsOptions {
  /** The number of reports of a kind that pass for a group in a window. */
  readonly most: number;
  readonly windowMs: number;
}

/** The number of reports of a kind that did not pass for a group. */
export interface LeftOut {
  readonly group: string;
  readonly kind: string;
  readonly leftOut: number;
}

/**
 * Limits reports: passes on a fixed number of a kind for each group in a window, and counts the rest until the window ends. A
 * window begins with the first report after the last window.
 */
export class BoundedReports {
  readonly #options: BoundedReportsOptions;
  readonly #tell: (leftOut: LeftOut) => void;
  /** Counts by kind and group. */
  readonly #counts = new Map<string, { group: string; kind: string; reported: number; leftOut: number }>();
  #timer: NodeJS.Timeout | undefined;

  /** @param tell hears of what was left out, when the window is over */
  constructor(options: BoundedReportsOptions, tell: (leftOut: LeftOut) => void) {
    this.#options = options;
    this.#tell = tell;
  }

  /** @returns whether one more report may pass; otherwise it is counted */
  take(group: string, kind: string): boolean {
    const count = this.#countOf(group, kind);
    if (count.reported >= this.#options.most) {
      count.leftOut += 1;
      return false;
    }
    count.reported += 1;
    return true;
  }

  /** Counts a report that may not pass. */
  leaveOut(group: string, kind: string): void {
    this.#countOf(group, kind).leftOut += 1;
  }

  /** Ends the window that is open. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const counts = [...this.#counts.values()];
    this.#counts.clear();
    for (const { group, kind, leftOut } of counts) if (leftOut > 0) this.#tell({ group, kind, leftOut });
  }

  #countOf(group: string, kind: string) {
    const key = `${kind} ${group}`;
    const count = this.#counts.get(key) ?? { group, kind, reported: 0, leftOut: 0 };
    this.#counts.set(key, count);
    this.#timer ??= setTimeout(() => this.stop(), this.#options.windowMs);
    return count;
  }
}
