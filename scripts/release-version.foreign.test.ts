import assert from "node:assert/strict";
import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, it, type TestContext } from "vitest";
import { sampleNamed } from "./documents/samples.ts";
import { changelogPath } from "./release/changelog.ts";
import { listPendingChanges, listReleases, raised, released, releasesFolder } from "./release/releases.ts";
import { contractVersion, manifestsOf } from "./test-support/manifests.ts";
import { run, runScript } from "./test-support/run.ts";

const repository = join(import.meta.dirname, "..");
const last = (await listReleases(repository)).at(-1);
assert.ok(last !== undefined, `${releasesFolder} holds no release`);
const nextMinor = raised(last.version, "minor");

describe("what is pending in .changeset", () => {
  it("is what changesets understands, and raises the contract and the client only", async (t) => {
    const copy = await copyRepository(t);
    await describeChange(copy, { "@wuts/contract": "minor", "@wuts/client": "patch" });
    const plan = await releasePlan(copy);
    const raises = plan.changesets.flatMap(({ id, releases }) => releases.map((one) => ({ ...one, id })));
    assert.deepEqual(
      raises.filter((one) => !released.some(({ name }) => name === one.name)),
      [],
    );
    const theirs = raises.map(({ id, name, type }) => `${id}.md: ${name} ${type}`);
    const ours = (await listPendingChanges(copy)).flatMap(({ file, bumps }) =>
      [...bumps].map(([name, bump]) => `${file}: ${name} ${bump}`),
    );
    assert.deepEqual(ours.sort(), theirs.sort());
  });

  it("is what the page on releasing has readers write", async (t) => {
    const copy = await copyRepository(t);
    for (const { file } of await listPendingChanges(copy)) await rm(join(copy, ".changeset", file));
    const commands = await sampleNamed(repository, "docs/releasing.md", "changeset");
    const env = { ...process.env, PATH: `${join(repository, "node_modules/.bin")}:${process.env.PATH}` };
    const { code, output } = await run("bash", ["-euc", `npx() { "$@"; }\n${commands}`], copy, env);
    assert.equal(code, 0, output);
    const [change] = await listPendingChanges(copy);
    assert.deepEqual(change?.bumps, new Map(released.map(({ name }) => [name, "minor"])));
  });

  it("is refused when it raises a package that does not exist", async (t) => {
    const copy = await copyRepository(t);
    await describeChange(copy, { "@wuts/nobody": "minor" });
    await assert.rejects(releasePlan(copy), /@wuts\/nobody/);
  });
});

describe("npm run release:version", () => {
  it("is what the page on releasing has readers run", async () => {
    assert.equal(await sampleNamed(repository, "docs/releasing.md", "release"), "npm run release:version\n");
    const { scripts } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
    assert.equal(scripts["release:version"], "node scripts/release-version.ts");
  });

  it("makes a minor release of what is described as one", async (t) => {
    const copy = await copyRepository(t);
    await startFromLastRelease(copy);
    await describeChange(copy, { "@wuts/contract": "minor", "@wuts/client": "minor" });
    const others = await otherManifests(copy);
    const { code, output } = await runScript("release-version.ts", copy);
    assert.equal(code, 0, output);

    for (const { version } of await manifestsOf(copy)) assert.equal(version, nextMinor);
    const yaml = await readFile(join(copy, "openapi.yaml"), "utf8");
    assert.equal(await contractVersion(copy), nextMinor);
    assert.equal(
      // OpenAPI's own version may be the same one.
      yaml.replace(`\n  version: ${nextMinor}\n`, `\n  version: ${last.version}\n`),
      await readFile(last.path, "utf8"),
      "only the version changed",
    );
    assert.equal(await readFile(join(copy, releasesFolder, `${nextMinor}.yaml`), "utf8"), yaml);
    for (const { folder } of released) {
      const changelog = await readFile(join(copy, folder, "CHANGELOG.md"), "utf8");
      const entry = changelog.slice(
        changelog.indexOf(`## ${nextMinor}\n`),
        changelog.indexOf(`## ${last.version}\n`),
      );
      assert.match(entry, /### Minor Changes\n\n- .*Pictures come in three sizes\./, changelog);
    }
    const [head = "", newest = "", ...older] = (await readFile(changelogPath(copy), "utf8")).split(
      /^(?=## )/m,
    );
    const today = new Date().toISOString().slice(0, 10);
    assert.equal(newest, `## ${nextMinor} (${today})\n\n### New\n\n- Pictures come in three sizes.\n\n`);
    assert.equal(head + older.join(""), await readFile(changelogPath(repository), "utf8"));
    const lock = JSON.parse(await readFile(join(copy, "package-lock.json"), "utf8"));
    assert.deepEqual(
      released.map(({ folder }) => lock.packages[folder].version),
      released.map(() => nextMinor),
    );
    assert.deepEqual(await listPendingChanges(copy), []);
    assert.deepEqual(await otherManifests(copy), others, "the other packages keep their versions and ranges");
    const after = await runScript("contract-diff.ts", copy);
    assert.deepEqual(after, {
      code: 0,
      output: `openapi.yaml says what the last release says, ${nextMinor}.\n`,
    });
  });

  it("raises the contract with the client when only the client changed", async (t) => {
    const copy = await copyRepository(t);
    await startFromLastRelease(copy);
    await describeChange(copy, { "@wuts/client": "patch" });
    const { code, output } = await runScript("release-version.ts", copy);
    assert.equal(code, 0, output);
    const next = raised(last.version, "patch");
    assert.deepEqual(
      (await manifestsOf(copy)).map(({ version }) => version),
      released.map(() => next),
    );
    assert.equal((await listReleases(copy)).at(-1)?.version, next);
  });

  it("refuses when the contract changed by more than is described", async (t) => {
    const copy = await copyRepository(t);
    await startFromLastRelease(copy);
    await describeChange(copy, { "@wuts/contract": "minor", "@wuts/client": "major" });
    const yaml = await readFile(join(copy, "openapi.yaml"), "utf8");
    await writeFile(join(copy, "openapi.yaml"), yaml.replace(/^ {2}\/logout:$/m, "  /log-me-out:"));
    const { code, output } = await runScript("release-version.ts", copy);
    assert.equal(code, 1);
    assert.match(output, /major changes since .*, and no pending change says so for @wuts\/contract\./);
    assert.deepEqual((await listReleases(copy)).at(-1)?.version, last.version);
  });

  it("refuses when nothing is described", async (t) => {
    const copy = await copyRepository(t);
    await startFromLastRelease(copy);
    const { code, output } = await runScript("release-version.ts", copy);
    assert.equal(code, 1);
    assert.match(output, /Nothing is described in \.changeset/);
  });
});

/** What `changeset status` says of the files in `.changeset`, as far as it is looked at here. */
interface ReleasePlan {
  readonly changesets: readonly {
    readonly id: string;
    readonly releases: readonly { readonly name: string; readonly type: string }[];
  }[];
}

/** A copy of the repository, without what is installed or built, that goes with the test. */
async function copyRepository(t: TestContext): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "wuts-release-"));
  t.onTestFinished(() => rm(copy, { recursive: true }));
  const leftOut = ["node_modules", ".git", "dist", ".turbo", "data", "reports"];
  await cp(repository, copy, {
    recursive: true,
    filter: (path) => path === repository || !(leftOut.includes(basename(path)) || path.includes(".gen.")),
  });
  return copy;
}

/** As if nothing had changed or been described since the last release. */
async function startFromLastRelease(copy: string): Promise<void> {
  await copyFile(join(copy, releasesFolder, `${last?.version}.yaml`), join(copy, "openapi.yaml"));
  for (const { file } of await listPendingChanges(copy)) await rm(join(copy, ".changeset", file));
}

async function describeChange(copy: string, bumps: Readonly<Record<string, string>>): Promise<void> {
  const head = Object.entries(bumps).map(([name, bump]) => `"${name}": ${bump}\n`);
  const text = `---\n${head.join("")}---\n\nPictures come in three sizes.\n`;
  await writeFile(join(copy, ".changeset", "three-sizes.md"), text);
}

/** What changesets would release. It wants to know what changed since `main`, so the copy becomes a repository. */
async function releasePlan(copy: string): Promise<ReleasePlan> {
  // In a git hook, variables name the repository to work on.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  const author = { GIT_AUTHOR_NAME: "Test", GIT_AUTHOR_EMAIL: "test@localhost" };
  const committer = { GIT_COMMITTER_NAME: "Test", GIT_COMMITTER_EMAIL: "test@localhost" };
  const env = { ...Object.fromEntries(inherited), ...author, ...committer, GIT_CONFIG_GLOBAL: "/dev/null" };
  const changeset = fileURLToPath(import.meta.resolve("@changesets/cli/bin.js"));
  const commands: [string, ...string[]][] = [
    ["git", "init", "--quiet", "--initial-branch=main"],
    ["git", "add", "--all"],
    ["git", "commit", "--quiet", "--message=A copy"],
    [process.execPath, changeset, "status", "--output=plan.json"],
  ];
  for (const [command, ...args] of commands) {
    const { code, output } = await run(command, args, copy, env);
    assert.equal(code, 0, `${command} ${args.join(" ")}\n${output}`);
  }
  return JSON.parse(await readFile(join(copy, "plan.json"), "utf8"));
}

/** The manifests of the repository and of all packages that are not released, as they are written. */
async function otherManifests(root: string): Promise<string[]> {
  const packages = await Promise.all(
    ["apps", "packages"].map(async (folder) =>
      (await readdir(join(root, folder))).map((name) => `${folder}/${name}`),
    ),
  );
  const others = packages.flat().filter((folder) => released.every((one) => one.folder !== folder));
  return Promise.all(["", ...others].map((folder) => readFile(join(root, folder, "package.json"), "utf8")));
}
