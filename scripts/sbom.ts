/**
 * `npm run sbom`: writes `reports/sbom.cdx.json`, which says of what packages the image is made, in CycloneDX. Takes the folder of
 * the repository.
 */

import { execFile } from "node:child_process";
import { cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { withoutNpm } from "./without-npm.ts";

/** What of an SBOM is looked at here, all of which npm writes. The rest stays as npm has it. */
const sbom = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ "bom-ref": z.string() }) }),
  components: z.array(
    z.looseObject({
      "bom-ref": z.string(),
      properties: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
      licenses: z
        .array(
          z.union([
            z.object({ expression: z.string() }),
            z.object({ license: z.object({ id: z.string().optional(), name: z.string().optional() }) }),
          ]),
        )
        .default([]),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});

export type Sbom = z.infer<typeof sbom>;
export type Component = Sbom["components"][number];

/** Of a component that is in the page of the console, and has no folder of its own in the image. */
const inPage = { name: "wuts:shipped", value: "in the page of the console" };

export function isInPageOnly({ properties }: Component): boolean {
  return properties.some(({ name }) => name === inPage.name);
}

/**
 * Finds what the image ships by the manifests and the lock file of the repository at `root`: the packages that the server runs on,
 * on Linux with glibc for x64 and arm64, and those that the page of the console is built from. Asks npm, and npm asks no registry.
 * The same files make the same SBOM. What the base image has, Node and Debian's packages, is not in it.
 * @throws what npm says when the lock file is not that of the manifests
 */
export async function sbomOfImage(root: string): Promise<Sbom> {
  const folder = await mkdtemp(join(tmpdir(), "wuts-sbom-"));
  try {
    // npm calls the whole what its folder is called.
    const copy = join(folder, "wuts");
    const imported = await importedByPage(root);
    await copyManifests(root, copy, imported);
    const env = { ...withoutNpm(process.env), npm_config_offline: "true" };
    const run = (file: string, args: readonly string[]) =>
      promisify(execFile)(file, args, { cwd: copy, env, maxBuffer: 2 ** 26 });
    await run(join(import.meta.dirname, "..", "ops", "docker", "production-manifests"), []);
    const { stdout } = await run("npm", [
      // Of all workspaces, and no --omit=dev: that leaves out what is needed both to run and to develop.
      ...["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"],
    ]);
    const { packages } = lockFile.parse(JSON.parse(await readFile(join(copy, "package-lock.json"), "utf8")));
    return shippedOf(sbom.parse(JSON.parse(stdout)), packages, imported);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [server, page, client] = ["@wuts/server", "@wuts/console", "@wuts/client"];

const manifest = z.looseObject({
  name: z.string().optional(),
  workspaces: z.array(z.string()).optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});

async function manifestAt(path: string): Promise<z.infer<typeof manifest>> {
  return manifest.parse(JSON.parse(await readFile(path, "utf8")));
}

/** @returns the packages that sources of the console import, tests left out */
async function importedByPage(root: string): Promise<Set<string>> {
  const imported = new Set<string>();
  const folder = join(root, "apps", "console", "src");
  for await (const path of glob("**/*.{ts,tsx}", { cwd: folder, exclude: ["**/*.test.*"] })) {
    const source = await readFile(join(folder, path), "utf8");
    for (const [, name = ""] of source.matchAll(/\bfrom "((?:@[\w-]+\/)?[\w-]+)(?:\/[^"]*)?";$/gm))
      imported.add(name);
  }
  return imported;
}

/** Copies what npm reads. What the page imports is there for its build only, but shipped: it becomes a dependency. */
async function copyManifests(root: string, copy: string, imported: ReadonlySet<string>): Promise<void> {
  const { workspaces = [] } = await manifestAt(join(root, "package.json"));
  const paths = ["package.json", "package-lock.json"];
  for await (const path of glob(
    workspaces.map((each) => `${each}/package.json`),
    { cwd: root },
  ))
    paths.push(path);
  for (const path of paths) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await cp(join(root, path), join(copy, path));
    const { name, dependencies, devDependencies, ...others } = await manifestAt(join(root, path));
    if (name !== page && name !== client) continue;
    const shipped = Object.entries(devDependencies).filter(([each]) => name === page && imported.has(each));
    const changed = { name, ...others, dependencies: { ...dependencies, ...Object.fromEntries(shipped) } };
    await writeFile(join(copy, path), JSON.stringify(changed));
  }
}

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      name: z.string().optional(),
      version: z.string().optional(),
      os: z.array(z.string()).optional(),
      cpu: z.array(z.string()).optional(),
      libc: z.array(z.string()).optional(),
      license: z.unknown().optional(),
    }),
  ),
});
type Packages = z.infer<typeof lockFile>["packages"];

/** Leaves out what no image has: packages for other systems, and what only they need. */
function shippedOf(all: Sbom, packages: Packages, imported: ReadonlySet<string>): Sbom {
  const elsewhere = new Set<string>();
  const licences = new Map<string, string>();
  for (const [path, { name, version, license, os, cpu, libc }] of Object.entries(packages)) {
    const ref = `${name ?? path.split("node_modules/").at(-1)}@${version}`;
    const isHere = hasOne(os, ["linux"]) && hasOne(cpu, cpus) && hasOne(libc, ["glibc"]);
    if (!isHere) elsewhere.add(ref);
    if (typeof license === "string") licences.set(ref, license);
  }
  const needs = new Map(all.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const nameOf = (ref: string) => ref.replace(/(?<=.)@.*$/, "");
  const ofServer = [...needs.keys()].filter((ref) => nameOf(ref) === server);
  const reach = (isWay: (from: string, to: string) => boolean) => {
    const found = new Set(ofServer);
    for (const ref of found)
      for (const next of needs.get(ref) ?? []) if (!elsewhere.has(next) && isWay(ref, next)) found.add(next);
    return found;
  };
  const shipped = reach(() => true);
  const installed = reach((from, to) => nameOf(from) !== page || !imported.has(nameOf(to)));
  const { serialNumber: _, metadata, ...others } = all;
  const { timestamp: __, ...lasting } = metadata;
  const whole = metadata.component["bom-ref"];
  return {
    ...others,
    metadata: lasting,
    components: all.components
      .filter((component) => shipped.has(component["bom-ref"]))
      .map(({ licenses, properties, ...component }) => {
        const ref = component["bom-ref"];
        // npm leaves out what is no SPDX expression.
        const said = licenses.length > 0 ? undefined : licences.get(ref);
        return {
          ...component,
          licenses: said === undefined ? licenses : [{ license: { name: said } }],
          properties: installed.has(ref) ? properties : [...properties, inPage],
        };
      }),
    dependencies: all.dependencies
      .filter(({ ref }) => ref === whole || shipped.has(ref))
      .map(({ ref, dependsOn }) => ({
        ref,
        dependsOn: ref === whole ? ofServer : dependsOn.filter((each) => shipped.has(each)),
      })),
  };
}

/** The image is built for these. */
const cpus = ["x64", "arm64"];

/** As npm reads `os`, `cpu` and `libc` of a package: without them it is for all, and `!` names what it is not for. */
function hasOne(wanted: readonly string[] | undefined, ours: readonly string[]): boolean {
  if (wanted === undefined) return true;
  if (wanted.every((each) => each.startsWith("!"))) return ours.some((each) => !wanted.includes(`!${each}`));
  return ours.some((each) => wanted.includes(each));
}

if (import.meta.main) {
  const root = resolve(process.argv[2] ?? join(import.meta.dirname, ".."));
  const path = join(root, "reports", "sbom.cdx.json");
  const made = await sbomOfImage(root);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(made, null, 2)}\n`);
  console.log(`${relative(process.cwd(), path)}: ${made.components.length} packages`);
}
