import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** What a program may do besides reaching servers on this machine. */
export interface Permissions {
  /** To call `globalThis.gc`. */
  readonly gc?: boolean;
  /** To read environment variables. Only Deno asks for it. */
  readonly environment?: boolean;
}

/** A JavaScript runtime that the client's users run programs in. */
export interface Runtime {
  readonly name: string;
  /** Where it is; `undefined` when it is not installed. */
  readonly program: string | undefined;
  /** @returns the arguments that come before the program's file */
  args(permissions: Permissions): readonly string[];
}

/** Says how to install them. */
export const noRuntimes = "it is not installed: npm ci --prefix packages/testing/runtimes";

/** They have a lock file of their own, because they are larger than most of what else is installed here. */
const folder = join(import.meta.dirname, "..", "runtimes");
const { arch } = process;

/** @returns the runtimes that the client supports; Node 24 is the one that runs this */
export function supportedRuntimes(): readonly Runtime[] {
  return [
    node(20, installed(`node-20-linux-${arch}/bin/node`)),
    node(22, installed(`node-22-linux-${arch}/bin/node`)),
    node(24, process.execPath),
    {
      name: "Bun",
      program: installed(`@oven/bun-linux-${arch === "x64" ? "x64-baseline" : "aarch64"}/bin/bun`),
      args: ({ gc }) => ["run", ...(gc ? ["--expose-gc"] : [])],
    },
    {
      name: "Deno",
      program: installed(`@deno/linux-${arch}-glibc/deno`),
      args: ({ gc, environment }) => [
        ...["run", "--no-prompt", "--cached-only", "--allow-net=127.0.0.1", "--allow-read"],
        ...(gc ? ["--v8-flags=--expose-gc"] : []),
        ...(environment ? ["--allow-env"] : []),
      ],
    },
  ];
}

function node(version: number, program: string | undefined): Runtime {
  return { name: `Node ${version}`, program, args: ({ gc }) => (gc ? ["--expose-gc"] : []) };
}

function installed(path: string): string | undefined {
  const program = join(folder, "node_modules", path);
  return existsSync(program) ? program : undefined;
}
