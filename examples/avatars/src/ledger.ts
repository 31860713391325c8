import { appendFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatRows, parseRecords } from "./csv.ts";

/** The outcome of one number. */
export interface Entry {
  readonly number: string;
  /** `FOUND`, or the `error_code` that says why there is no picture. */
  readonly outcome: string;
  /** Empty if there is no picture. */
  readonly picture_id: string;
  /** Name of the file in the folder; empty if there is no picture. */
  readonly file: string;
}

/**
 * Keeps the outcomes on disk. A run appends a line for each outcome at once, so that an interrupted run can be continued. When
 * the run is complete, the file gets its final name, and the next run compares with it.
 */
export class Ledger {
  readonly #finished: string;
  readonly #unfinished: string;
  readonly #earlier: ReadonlyMap<string, Entry>;
  readonly #recorded: Map<string, Entry>;

  private constructor(folder: string, earlier: readonly Entry[], recorded: readonly Entry[]) {
    [this.#finished, this.#unfinished] = pathsIn(folder);
    this.#earlier = byNumber(earlier);
    this.#recorded = byNumber(recorded);
  }

  static async open(folder: string): Promise<Ledger> {
    await mkdir(folder, { recursive: true });
    const [finished, unfinished] = pathsIn(folder);
    const recorded = await readEntries(unfinished);
    // An interrupted run can leave half a line at the end, so the file is rewritten.
    await writeFile(unfinished, formatRows(recorded, columns, { header: true }));
    return new Ledger(folder, await readEntries(finished), recorded);
  }

  /** The number of outcomes of this run. */
  get size(): number {
    return this.#recorded.size;
  }

  has(number: string): boolean {
    return this.#recorded.has(number);
  }

  /** @returns the latest outcome of a number, of this run or an earlier one */
  last(number: string): Entry | undefined {
    return this.#recorded.get(number) ?? this.#earlier.get(number);
  }

  async record(entry: Entry): Promise<void> {
    await appendFile(this.#unfinished, formatRows([entry], columns, { header: false }));
    this.#recorded.set(entry.number, entry);
  }

  /** Writes the final file. @returns the outcomes of this run, in the order of `numbers` */
  async finish(numbers: readonly string[]): Promise<Entry[]> {
    const entries = numbers.flatMap((number) => this.#recorded.get(number) ?? []);
    await writeFile(`${this.#finished}.new`, formatRows(entries, columns, { header: true }));
    await rename(`${this.#finished}.new`, this.#finished);
    await rm(this.#unfinished);
    return entries;
  }
}

/** Reads the whole lines of a file. @returns no entries when there is no file */
export async function readEntries(path: string): Promise<Entry[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const records = parseRecords(text.slice(0, text.lastIndexOf("\n") + 1));
  return records.map(({ number = "", outcome = "", picture_id = "", file = "" }) => {
    return { number, outcome, picture_id, file };
  });
}

const columns = ["number", "outcome", "picture_id", "file"] as const satisfies readonly (keyof Entry)[];

function pathsIn(folder: string): [finished: string, unfinished: string] {
  return [join(folder, "outcomes.csv"), join(folder, "outcomes.unfinished.csv")];
}

function byNumber(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.number, entry]));
}
