import { execFile } from "node:child_process";
import { mkdtemp, open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Scope } from "./server-process.ts";

const run = promisify(execFile);

/** A disk that can be full. */
export interface SmallDisk {
  readonly folder: string;
  /** What makes it full. */
  readonly kind: string;
  /** Leaves no room to a process that writes to it. */
  fill(pid: number): Promise<void>;
  free(pid: number): Promise<void>;
}

/** @returns a file system of its own where one may be mounted, else a folder in which the process may write nothing */
export async function smallDisk(scope: Scope): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), "wuts-test-"));
  const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs", folder]).then(
    () => true,
    () => false,
  );
  scope.onTestFinished(async () => {
    if (mounted) await run("umount", ["--lazy", folder]);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return mounted ? mountedDisk(folder) : limitedDisk(folder);
}

/** @returns a folder in which a process may write nothing while it is full, however much room there is */
export function limitedDisk(folder: string): SmallDisk {
  const limit = (pid: number, bytes: string) => run("prlimit", ["--pid", `${pid}`, `--fsize=${bytes}:`]);
  return {
    folder,
    kind: "the size of files is limited to nothing",
    fill: async (pid) => void (await limit(pid, "0")),
    free: async (pid) => void (await limit(pid, "unlimited")),
  };
}

function mountedDisk(folder: string): SmallDisk {
  const filler = join(folder, "filler");
  return {
    folder,
    kind: "a file system is full",
    async fill() {
      const file = await open(filler, "w");
      try {
        const block = Buffer.alloc(4096, 1);
        // The last write may be a part of it.
        while ((await statfs(folder)).bavail > 0) await file.write(block);
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler, { force: true }),
  };
}
