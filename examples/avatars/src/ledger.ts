import { appendFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

/** What came of one number. */
export interface Entry {
  readonly number: string;
  /** `FOUND`, or the `error_code` that says why there is no picture. */
  readonly outcome: string;
  /** Empty where there is no picture. */
  readonly picture_id: string;
  /** In the folder; empty where there is no picture. */
  readonly file: string;
}

const columns = ["number", "outcome", "picture_id", "file"] as const satisfies readonly (keyof Entry)[];

/**
 * What came of each number, on disk. A run writes a line as soon as it knows something, so that one that is broken off goes on
 * where it was; when it is through, the file gets its name, and its content is what the next run compares with.
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
    const recorded = await read(unfinished);
    // Written anew: the last line may be half a one.
    await writeFile(unfinished, written(recorded, true));
    return new Ledger(folder, await read(finished), recorded);
  }

  /** How many numbers this run has come to an end with. */
  get size(): number {
    return this.#recorded.size;
  }

  has(number: string): boolean {
    return this.#recorded.has(number);
  }

  /** @returns what came of a number when it was last looked up */
  last(number: string): Entry | undefined {
    return this.#recorded.get(number) ?? this.#earlier.get(number);
  }

  async record(entry: Entry): Promise<void> {
    await appendFile(this.#unfinished, written([entry], false));
    this.#recorded.set(entry.number, entry);
  }

  /** @returns everything that was recorded, in the order of `numbers` */
  async finish(numbers: readonly string[]): Promise<Entry[]> {
    const entries = numbers.flatMap((number) => this.#recorded.get(number) ?? []);
    await writeFile(`${this.#finished}.new`, written(entries, true));
    await rename(`${this.#finished}.new`, this.#finished);
    await rm(this.#unfinished);
    return entries;
  }
}

function pathsIn(folder: string): [finished: string, unfinished: string] {
  return [join(folder, "outcomes.csv"), join(folder, "outcomes.unfinished.csv")];
}

async function read(path: string): Promise<Entry[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return parse(text.slice(0, text.lastIndexOf("\n") + 1), { columns: true });
}

function written(entries: readonly Entry[], header: boolean): string {
  return stringify([...entries], { columns: [...columns], header });
}

function byNumber(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.number, entry]));
}
