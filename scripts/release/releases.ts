import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bump, bumps, covers } from "./contract-changes.ts";

/** The packages that are released, always together and with the contract's version. */
export const released = [
  { name: "@wuts/contract", folder: "packages/contract" },
  { name: "@wuts/client", folder: "packages/client" },
] as const;

/** A contract that was released, as it was. */
export interface Release {
  readonly version: string;
  /** Absolute path. */
  readonly path: string;
}

export const releasesFolder = "packages/contract/releases";

/** @returns the releases in the repository at `root`, the oldest first */
export async function listReleases(root: string): Promise<Release[]> {
  const folder = join(root, releasesFolder);
  const names = (await readdir(folder)).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return names.map((name) => {
    const version = /^(\d+\.\d+\.\d+)\.yaml$/.exec(name)?.[1];
    if (version === undefined) throw new Error(`${releasesFolder}/${name} is not named after a version`);
    return { version, path: join(folder, name) };
  });
}

/**
 * @returns the part that rose from one version to the next
 * @throws Error when the version fell, or one is not `major.minor.patch`
 */
export function bumpBetween(older: string, newer: string): Bump {
  const [before, after] = [older, newer].map((version) => {
    if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`${version} is not a version: major.minor.patch`);
    return version.split(".").map(Number);
  });
  const parts = ["major", "minor", "patch"] as const;
  const differs = parts.findIndex((_, index) => before?.[index] !== after?.[index]);
  if (differs >= 0 && Number(before?.[differs]) > Number(after?.[differs]))
    throw new Error(`version ${newer} is lower than the last release, ${older}`);
  return parts[differs] ?? "none";
}

/** @returns the version after `version` that differs from it by `bump` */
export function raised(version: string, bump: Bump): string {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (bump === "major") return `${major + 1}.0.0`;
  if (bump === "minor") return `${major}.${minor + 1}.0`;
  return bump === "patch" ? `${major}.${minor}.${patch + 1}` : version;
}

/** A change that was described and is not released yet: a file of `.changeset`. */
export interface PendingChange {
  readonly file: string;
  /** By how much it raises which package. */
  readonly bumps: ReadonlyMap<string, Bump>;
}

/** @returns what is described in `.changeset` of the repository at `root`, by the names of the files */
export async function listPendingChanges(root: string): Promise<PendingChange[]> {
  const folder = join(root, ".changeset");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".md") && name !== "README.md").sort();
  return Promise.all(
    files.map(async (file) => {
      const [, head = ""] = /^---\r?\n(.*?)^---/ms.exec(await readFile(join(folder, file), "utf8")) ?? [];
      const lines = [...head.matchAll(/^\s*["']?([^"':\s]+)["']?\s*:\s*["']?(\w+)/gm)];
      return { file, bumps: new Map(lines.map(([, name = "", bump = ""]) => [name, bumpNamed(bump, file)])) };
    }),
  );
}

function bumpNamed(name: string, file: string): Bump {
  const bump = bumps.find((candidate) => candidate === name);
  if (bump === undefined) throw new Error(`.changeset/${file}: ${name} is not major, minor, patch or none`);
  return bump;
}

/** @returns the released packages for which no pending change raises the version by `wanted`, or by more */
export function undescribed(wanted: Bump, pending: readonly PendingChange[]): string[] {
  if (wanted === "none") return [];
  return released
    .map(({ name }) => name)
    .filter((name) => !pending.some((change) => covers(change.bumps.get(name) ?? "none", wanted)));
}
