import assert from "node:assert/strict";
import { cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { beforeAll, describe, it, type TestContext } from "vitest";
import { exceptions, problemsOfLicences } from "./licences.ts";
import { isInPageOnly, type Sbom, sbomOfImage } from "./sbom.ts";
import { runScript } from "./test-support/run.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

let sbom: Sbom;
let refs: string[];
beforeAll(async () => {
  sbom = await sbomOfImage(root);
  refs = sbom.components.map((component) => component["bom-ref"]);
});

describe("The SBOM", () => {
  const has = (name: string) => refs.some((ref) => ref.replace(/(?<=.)@.*$/, "") === name);

  it("is CycloneDX by its schema, whose validator sees what is not", async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
    assert.equal(await validator.validate(JSON.stringify(sbom)), null);
    const [first, ...others] = sbom.components;
    const broken = { ...sbom, components: [{ ...first, type: "made up" }, ...others] };
    assert.notEqual(await validator.validate(JSON.stringify(broken)), null);
  });

  it("is the same each time", async () => {
    assert.deepEqual(await sbomOfImage(root), sbom);
  });

  it("has what the server runs on, also what is needed to develop as well, each once and with its hash", async () => {
    const { dependencies } = JSON.parse(await readFile(join(root, "apps/server/package.json"), "utf8"));
    const wanted = [
      ...Object.keys(dependencies),
      "libsignal",
      "yaml",
      "sirv",
      "js-yaml",
      "@img/sharp-linux-x64",
    ];
    assert.deepEqual(
      wanted.filter((name) => !has(name)),
      [],
    );
    assert.equal(new Set(refs).size, refs.length);
    const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
    for (const { "bom-ref": ref, purl, hashes, licenses } of sbom.components) {
      if (ref.startsWith("@wuts/")) continue;
      const found = Object.entries(packages).find(
        ([path, entry]) => ref === `${path.replace(/^.*node_modules\//, "")}@${Object(entry).version}`,
      );
      const { integrity, license } = Object(found?.[1]);
      const [{ content }] = Array.isArray(hashes) ? hashes : [{}];
      assert.equal(`sha512-${Buffer.from(content, "hex").toString("base64")}`, integrity, ref);
      assert.equal(purl, `pkg:npm/${ref.replace(/^@/, "%40")}`);
      assert.equal(licenses.length, license === undefined ? 0 : 1, ref);
    }
  });

  it("has nothing that only builds, tests, or other systems need", () => {
    const unwanted = ["turbo", "vitest", "vite", "@biomejs/biome", "playwright-core", "esbuild", "node"];
    const elsewhere = ["@img/sharp-darwin-arm64", "@img/sharp-linuxmusl-x64", "@img/sharp-wasm32"];
    assert.deepEqual([...unwanted, ...elsewhere, "@wuts/testing"].filter(has), []);
  });

  it("has what the page of the console is built from, as Vite says", async () => {
    const built = JSON.parse(await readFile(join(root, "apps/console/dist/licences.json"), "utf8"));
    assert.ok(Array.isArray(built) && built.length > 5, "npm run build");
    const inPage = built.map(({ name, version }) => `${name}@${version}`);
    assert.deepEqual(
      inPage.filter((ref) => !refs.includes(ref)),
      [],
    );
    const only = sbom.components.filter(isInPageOnly).map((component) => component["bom-ref"]);
    assert.deepEqual(only.filter((ref) => /^(react-dom|express)@/.test(ref)).length, 1);
  });
});

describe("The licences of what the image ships", () => {
  it("are those of the list, but for those that are named one by one, with the reason", () => {
    assert.deepEqual(problemsOfLicences(sbom), []);
    assert.ok(exceptions.every(({ reason }) => reason.length > 20));
  });

  it("fail the check with any other one, and a package that says none", async (t) => {
    const refused = {
      "made-up-agpl": "AGPL-3.0-only",
      "made-up-and": "(MIT AND GPL-2.0-only)",
      "made-up-later": "GPL-3.0-or-later",
      "made-up-file": "SEE LICENSE IN LICENSE.md",
      "made-up-unlicensed": "UNLICENSED",
      "made-up-word": "Free",
      "made-up-none": undefined,
    };
    const passed = { "made-up-mit": "MIT", "made-up-or": "(GPL-3.0-only OR (MIT AND ISC))" };
    const repository = await repositoryWith(t, { ...refused, ...passed });
    const { code, output } = await runScript("licences.ts", repository);
    assert.equal(code, 1);
    const named = [...output.matchAll(/^(made-up-\w+) 1\.0\.0: (.*) is not in the list$/gm)];
    assert.deepEqual(
      Object.fromEntries(named.map(([, name, licence = ""]) => [name, licence.replace("the licence ", "")])),
      { ...refused, "made-up-none": "no licence" },
    );
  });

  it("fail it with an exception whose package changed its licence, or is gone", () => {
    const component = (name: string, id: string) => ({
      "bom-ref": `${name}@1.0.0`,
      properties: [],
      licenses: [{ license: { id } }],
    });
    const problems = problemsOfLicences({ components: [component("libsignal", "AGPL-3.0-only")] });
    assert.ok(problems.includes("libsignal 1.0.0: the licence AGPL-3.0-only is not in the list"));
    for (const { name } of exceptions)
      assert.ok(problems.includes(`${name}: the exception is of no use any more`), name);
  });
});

/** The manifests of this repository, whose server needs these packages, too. */
async function repositoryWith(t: TestContext, licences: Record<string, string | undefined>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wuts-licences-"));
  t.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const manifests = ["package.json", "package-lock.json", "*/*/package.json", "scripts/package.json"];
  for await (const path of glob(manifests, { cwd: root, exclude: ["node_modules/**"] })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(root, path), join(folder, path));
  }
  await cp(join(root, "apps/console/src"), join(folder, "apps/console/src"), { recursive: true });
  const lockPath = join(folder, "package-lock.json");
  const lock = JSON.parse(await readFile(lockPath, "utf8"));
  const manifestPath = join(folder, "apps/server/package.json");
  const manifest = JSON.parse(await readFile(manifestPath, "utf8"));
  for (const [name, license] of Object.entries(licences)) {
    const integrity = `sha512-${Buffer.alloc(64).toString("base64")}`;
    lock.packages[`node_modules/${name}`] = { version: "1.0.0", integrity, license };
    for (const { dependencies } of [manifest, lock.packages["apps/server"]]) dependencies[name] = "1.0.0";
  }
  await writeFile(lockPath, JSON.stringify(lock));
  await writeFile(manifestPath, JSON.stringify(manifest));
  return folder;
}
