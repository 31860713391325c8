export interface BoundedReportsOptions {
  /** How many of a kind are let through for a group in a window. */
  readonly most: number;
  readonly windowMs: number;
}

/** How many of a kind were left out for a group. */
export interface LeftOut {
  readonly group: string;
  readonly kind: string;
  readonly leftOut: number;
}

/**
 * Lets so many reports of a kind through for each group, and counts the others until the window is over, which begins with the
 * first report after the last window.
 */
export class BoundedReports {
  readonly #options: BoundedReportsOptions;
  readonly #tell: (leftOut: LeftOut) => void;
  /** By kind and group. */
  readonly #counts = new Map<string, { group: string; kind: string; reported: number; leftOut: number }>();
  #timer: NodeJS.Timeout | undefined;

  /** @param tell hears of what was left out, when the window is over */
  constructor(options: BoundedReportsOptions, tell: (leftOut: LeftOut) => void) {
    this.#options = options;
    this.#tell = tell;
  }

  /** @returns whether one more is let through; else it is counted */
  take(group: string, kind: string): boolean {
    const count = this.#countOf(group, kind);
    if (count.reported >= this.#options.most) {
      count.leftOut += 1;
      return false;
    }
    count.reported += 1;
    return true;
  }

  /** Counts one that is not let through. */
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
