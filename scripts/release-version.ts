/**
 * `npm run release:version`: turns the changes described in `.changeset` into a release. Raises the versions of the
 * contract, of the client and of openapi.yaml, writes the changelogs of both and CHANGELOG.md, and keeps the contract as the release's. Publishes
 * nothing and commits nothing. Takes the folder of the repository.
 */

import { execFileSync } from "node:child_process";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { writeChangelog } from "./release/changelog.ts";
import { compareContracts } from "./release/contract-changes.ts";
import {
  listPendingChanges,
  listReleases,
  released,
  releasesFolder,
  undescribed,
} from "./release/releases.ts";

const root = resolve(process.argv[2] ?? join(import.meta.dirname, ".."));
const contractPath = join(root, "openapi.yaml");
const [contractPackage] = released;

const objection = await whyNot();
if (objection === undefined) await release();
else {
  console.error(objection);
  process.exitCode = 1;
}

async function whyNot(): Promise<string | undefined> {
  const pending = await listPendingChanges(root);
  if (pending.length === 0)
    return "Nothing is described in .changeset. Describe what is to be released: npx changeset";
  const last = (await listReleases(root)).at(-1);
  const { bump } = last ? await compareContracts(last.path, contractPath) : { bump: "none" as const };
  const missing = undescribed(bump, pending);
  if (missing.length === 0) return undefined;
  return `openapi.yaml has ${bump} changes since ${last?.version}, and no pending change says so for ${missing.join(" and ")}.
See them with npm run contract:diff, and describe them with npx changeset.`;
}

async function release(): Promise<void> {
  const changeset = fileURLToPath(import.meta.resolve("@changesets/cli/bin.js"));
  execFileSync(process.execPath, [changeset, "version"], { cwd: root, stdio: "inherit" });
  const manifest = await readFile(join(root, contractPackage.folder, "package.json"), "utf8");
  const { version }: { version: string } = JSON.parse(manifest);
  await writeFile(contractPath, withVersion(await readFile(contractPath, "utf8"), version));
  await copyFile(contractPath, join(root, releasesFolder, `${version}.yaml`));
  await lockVersion(version);
  for (const { folder } of released) await trimChangelog(join(root, folder, "CHANGELOG.md"));
  await writeChangelog(root, new Date().toISOString().slice(0, 10));
  console.log(`${version} is ready: look at it with git diff, and commit it.
The client is published with: npm run build && npm publish -w @wuts/client --access public`);
}

/** Writes `info.version`, and keeps everything else as it was written. */
function withVersion(contract: string, version: string): string {
  const line = /^(info:\n(?:[ \t].*\n)*? {2}version:).*$/m;
  if (!line.test(contract)) throw new Error("openapi.yaml has no line for info.version");
  return contract.replace(line, `$1 ${version}`);
}

/** Changesets indents the lines between paragraphs, which have nothing on them. */
async function trimChangelog(path: string): Promise<void> {
  await writeFile(path, (await readFile(path, "utf8")).replaceAll(/[ \t]+$/gm, ""));
}

/** npm keeps the versions of workspaces in its lock file, and would change them there at the next `npm install`. */
async function lockVersion(version: string): Promise<void> {
  const path = join(root, "package-lock.json");
  const lock: { packages: Record<string, { version?: string }> } = JSON.parse(await readFile(path, "utf8"));
  for (const { folder } of released) Object.assign(lock.packages[folder] ?? {}, { version });
  await writeFile(path, `${JSON.stringify(lock, null, 2)}\n`);
}
