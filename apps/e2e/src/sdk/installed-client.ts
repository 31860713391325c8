import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../../..", import.meta.url));
const bin = join("node_modules", ".bin");

/** Where the sources of the client are. */
export const clientFolder = join(root, "packages", "client");

/** A project outside of the repository that the client is installed in. */
export interface Project {
  readonly folder: string;
  /** What `npm pack` made of the client. */
  readonly tarball: string;
  write(name: string, content: string): Promise<void>;
  /** Runs a program in the project's folder. @returns what it printed; rejects when it fails, or prints errors */
  run(program: string, ...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** Where the repository is. */
export const repository = root;

/** Makes a project without any package, outside of the repository. */
export async function emptyProject(): Promise<Omit<Project, "tarball">> {
  const folder = await mkdtemp(join(tmpdir(), "wuts-project-"));
  const write = (name: string, content: string) => writeFile(join(folder, name), content);
  await write("package.json", '{ "name": "project", "private": true, "type": "module" }');
  return {
    folder,
    write,
    remove: () => rm(folder, { recursive: true, force: true }),
    run: (program, ...args) => run(folder, program, ...args),
  };
}

/**
 * Packs the client as it was built, and installs it into an empty project, together with the packages named. All of them,
 * and what they depend on, have to be named: they are packed from the repository's node_modules, so that no registry is
 * asked.
 */
export async function installClient(packages: readonly string[]): Promise<Project> {
  const project = await emptyProject();
  try {
    const [tarball = ""] = await packInto(project, [clientFolder, ...packages.map(folderOf)]);
    return { ...project, tarball };
  } catch (error) {
    await project.remove();
    throw error;
  }
}

/** Runs a command in a POSIX shell, as a user does. Rejects when it fails. */
export async function runCommand(folder: string, command: string): Promise<void> {
  await execute("sh", ["-c", command], { cwd: folder, env: usersEnvironment() });
}

/** @returns the tarballs that the packages were packed into, and installed from */
async function packInto(
  { folder, run }: Omit<Project, "tarball">,
  sources: readonly string[],
): Promise<string[]> {
  const packed = await run("npm", "pack", "--json", "--ignore-scripts", "--loglevel=error", ...sources);
  const tarballs = namesOfTarballs(packed).map((name) => join(folder, name));
  const install = ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ...install, ...tarballs);
  return tarballs;
}

function folderOf(name: string): string {
  return join(root, "node_modules", name);
}

/** Where one of the repository's own tools is. */
export function tool(name: string): string {
  return join(root, bin, name);
}

/** Tools write what they found to either stream, so a failure says both. */
async function run(cwd: string, program: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await execute(program, args, { cwd, env: usersEnvironment() }).catch((error) => {
    throw new Error(`${program} failed: ${error.message}\n${error.stdout}`, { cause: error });
  });
  if (stderr !== "") throw new Error(`${program} complains: ${stderr}`);
  return stdout;
}

/** What npm tells the scripts that it runs is about the repository, and other tools that it runs would believe it. */
function usersEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|INIT_CWD$)/i.test(name));
  // Deno would ask whether there is a newer one.
  return { ...Object.fromEntries(entries), DENO_NO_UPDATE_CHECK: "1" };
}

function namesOfTarballs(json: string): string[] {
  const packed: unknown = JSON.parse(json);
  const list = Array.isArray(packed) ? packed : Object.values(Object(packed));
  return list.map(({ filename }) => String(filename));
}
