import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "./child.ts";

/** The processes of a section, and the folder that they keep their data in; only their owner may read it. */
export class Processes {
  readonly #signal: AbortSignal;
  readonly #children = new Set<Child>();
  readonly #folders: string[] = [];

  /** @param signal ends every wait for a process */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** @param name of a file in `processes` */
  start(name: string, ...args: readonly string[]): Child {
    const child = new Child(name, args, this.#signal);
    this.#children.add(child);
    return child;
  }

  /** Ends a process before the others. */
  async end(child: Child): Promise<void> {
    await child.stop();
    this.#children.delete(child);
  }

  /** @returns a new folder, which is deleted at the end */
  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "wuts-bench-"));
    this.#folders.push(folder);
    return folder;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children].map((child) => child.stop()));
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
}
