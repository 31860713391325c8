import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { toolPackage } from "./tools.ts";

/** The longest that one run of a tool may take. Most take two seconds, in a machine that has nothing else to do. */
const limitMs = 120_000;
/** How many characters of what a program that failed has printed are shown. */
const mostSaid = 4_000;
const root = join(import.meta.dirname, "../../..");
const loopbackOnly = new URL("loopback-only.js", import.meta.url).href;
const attempts = "attempts.log";

/** A project as a user of a tool has it, in a temporary folder. */
export interface Project {
  readonly folder: string;
  write(name: string, content: string): Promise<void>;
  read(name: string): Promise<string>;
  /**
   * Runs a program in the project's folder, in the pinned Node. It reaches this machine only, and sends nobody what it does.
   * @returns what it printed; rejects when it fails, takes too long, or tried to reach another machine
   */
  run(program: string, ...args: readonly string[]): Promise<string>;
  /** Compiles all of the project under `strict`. Rejects with what the compiler says, if it says anything. */
  compile(): Promise<void>;
  /** Runs a TypeScript program of the project. @returns the JSON that it prints */
  call(program: string, ...args: readonly string[]): Promise<unknown>;
  /** Runs an ES module. @returns the JSON that it prints, of whatever type its reader takes it for */
  execute<Printed>(source: string, ...args: readonly string[]): Promise<Printed>;
  remove(): Promise<void>;
}

/**
 * @param packages what the project has installed: names of packages, and for each what it is called among the tools, if that
 * is another name
 */
export async function createProject(packages: Readonly<Record<string, string>> = {}): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "wuts-interop-"));
  const write = async (name: string, content: string) => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  };
  await write("package.json", JSON.stringify({ name: "project", private: true, type: "module" }));
  for (const [name, tool] of Object.entries({ "@types/node": "@types/node", ...packages })) {
    const link = join(folder, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(toolPackage(tool), link);
  }

  const read = (name: string) => readFile(join(folder, name), "utf8");
  const run = async (program: string, ...args: readonly string[]) => {
    const { stdout, failure } = await start(folder, program, args);
    const tried = await read(attempts).catch(() => "");
    if (tried !== "") throw new Error(`${program} tried to reach ${tried.trim().split("\n").join(", ")}`);
    if (failure) throw new Error(`${failure.message}\n${stdout}`.slice(0, mostSaid));
    return stdout;
  };
  return {
    folder,
    write,
    read,
    run,
    async compile() {
      await write("tsconfig.json", JSON.stringify({ compilerOptions }));
      await run(own("tsc"), "-p", ".");
    },
    async call(program, ...args) {
      // Packages stay outside of the bundle: Node finds them as it does for users.
      const bundle = ["--bundle", "--format=esm", "--packages=external", "--log-level=warning"];
      await run(own("esbuild"), program, ...bundle, "--outfile=bundle.mjs");
      return JSON.parse(await run(process.execPath, "bundle.mjs", ...args));
    },
    async execute(source, ...args) {
      await write("program.js", source);
      return JSON.parse(await run(process.execPath, "program.js", ...args));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

const compilerOptions = {
  ...{
    strict: true,
    noEmit: true,
    target: "es2022",
    lib: ["es2022", "dom", "dom.iterable"],
    types: ["node"],
  },
  // The packages' own types are not what is tested. None of what is generated is a .d.ts file.
  ...{ module: "esnext", moduleResolution: "bundler", skipLibCheck: true },
};

/** A tool of this repository, not one of those that are tested. */
function own(name: string): string {
  return join(root, "node_modules/.bin", name);
}

async function start(folder: string, program: string, args: readonly string[]) {
  const running = promisify(execFile)(program, args, {
    cwd: folder,
    env: { ...usersEnvironment(folder), LOOPBACK_LOG: join(folder, attempts) },
    timeout: limitMs,
    killSignal: "SIGKILL",
    maxBuffer: 2 ** 26,
  });
  return running.then(
    ({ stdout }) => ({ stdout, failure: undefined }),
    // Its message has what the program wrote to stderr.
    (error) => ({ stdout: String(error.stdout), failure: error }),
  );
}

/** Without what npm, turbo and vitest say of this repository, and with what turns off what tools tell their makers. */
function usersEnvironment(folder: string): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|VITEST|TURBO|INIT_CWD$|FORCE_COLOR$)/i.test(name),
  );
  return {
    ...Object.fromEntries(entries),
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: folder,
    NODE_OPTIONS: `--import=${loopbackOnly}`,
    ...{ CI: "1", NO_COLOR: "1", DO_NOT_TRACK: "1", NO_UPDATE_NOTIFIER: "1", KUBB_DISABLE_TELEMETRY: "1" },
  };
}
