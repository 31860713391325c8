import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, it } from "vitest";
import { isInPageOnly, sbomOfImage } from "./sbom.ts";
import { buildContext, listSources } from "./test-support/build-context.ts";
import { commandIn, type Instruction, stagesOf, textOf, variablesIn } from "./test-support/dockerfile.ts";
import { withoutNpm } from "./without-npm.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const [building = [], image = []] = stagesOf(await readFile(join(root, "Dockerfile"), "utf8"));

/** Who the server runs as where root runs the tests: `nobody`. */
const unregistered = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

describe("An image", { timeout: 300_000 }, () => {
  let folder: string;
  /** Where what stands under `/` in the image is. */
  let rootOfImage: string;
  let workFolder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "wuts-image-"));
    await chmod(folder, 0o755);
    rootOfImage = join(folder, "image");
    // The user of the image may not get to where the tests' own Node is.
    await mkdir(join(folder, "bin"));
    await cp(process.execPath, join(folder, "bin", "node"));
    const rootOfBuild = join(folder, "build");
    await follow(building, rootOfBuild, rootOfBuild);
    workFolder = await follow(image, rootOfImage, rootOfBuild);
  }, 600_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const environment = () => ({ PATH: [join(folder, "bin"), "/usr/bin", "/bin"].join(":") });

  /** Does what a stage says, below a folder instead of `/`. @returns its last working folder */
  async function follow(
    stage: readonly Instruction[],
    rootFolder: string,
    rootOfBuild: string,
  ): Promise<string> {
    let here = rootFolder;
    for (const { name, text } of stage) {
      if (name === "WORKDIR") {
        here = join(rootFolder, text);
        await mkdir(here, { recursive: true });
      } else if (name === "COPY" && text === ". .") {
        await copyContext(here);
      } else if (name === "COPY") {
        const [, from = "", to = ""] = /^--from=build (?:--chown=node:node )?(\S+) (\S+)$/.exec(text) ?? [];
        // Moved, since it is large and the build is over.
        await mkdir(dirname(join(rootFolder, to)), { recursive: true });
        await rename(join(rootOfBuild, from), join(rootFolder, to));
        const { uid, gid } = unregistered;
        if (text.includes("--chown") && uid !== undefined) await chown(join(rootFolder, to), uid, gid);
      } else if (name === "RUN") {
        assert.doesNotMatch(text, /(^|\s)\//, "a path that is the image's own");
        const env = { ...withoutNpm(process.env), PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
        await promisify(execFile)("sh", ["-c", text], { cwd: here, env, maxBuffer: 2 ** 26 });
      } else {
        assert.ok(
          ["FROM", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "CMD"].includes(name),
          `${name} is not followed here`,
        );
      }
    }
    return here;
  }

  it("has neither tests nor what only they and the build need", async () => {
    const names = await readdir(rootOfImage, { recursive: true });
    const packages = names.filter((name) => name.startsWith("wuts/app/node_modules/"));
    assert.ok(packages.includes("wuts/app/node_modules/express/package.json"));
    for (const unwanted of [
      "playwright-core",
      "fast-check",
      "turbo",
      "@biomejs",
      "node",
      "@hey-api",
      "@stoplight",
      "react",
      "vite",
      "vitest",
      "papaparse",
    ])
      assert.ok(!packages.includes(`wuts/app/node_modules/${unwanted}`), unwanted);
    assert.deepEqual((await readdir(join(workFolder, "node_modules", "@wuts"))).sort(), [
      "console",
      "contract",
      "server",
    ]);
    const own = names.filter((name) => !name.includes("/node_modules/"));
    assert.deepEqual(
      own.filter((name) => /(?:^|\/)(?:\.env|stray[^/]*)$/.test(name)),
      [],
    );
    assert.deepEqual(
      own.filter((name) => /\.(?:test|cases)\.ts$|test-support/.test(name)),
      [],
    );
    assert.deepEqual(
      (await readdir(join(workFolder, "apps", "console"))).filter((name) => name !== "node_modules").sort(),
      ["dist", "package.json", "serve.ts"],
    );
  });

  it("has compiled what the server imports", async () => {
    const { NODE_COMPILE_CACHE = "" } = variablesIn(textOf(image, "ENV"));
    const names = await readdir(join(rootOfImage, NODE_COMPILE_CACHE), { recursive: true });
    assert.ok(names.length > 1_000, `${names.length} files`);
  });

  it("has every migration, and nothing else beside them", async () => {
    const folder = "apps/server/src/storage/migrations/versions";
    const sources = await readdir(join(root, folder));
    assert.ok(sources.length >= 18);
    assert.deepEqual((await readdir(join(workFolder, folder))).sort(), sources.sort());
  });

  it("has the packages that the SBOM says, and no others", async () => {
    const installed = await installedIn(workFolder);
    assert.ok(installed.size > 400);
    const { components } = await sbomOfImage(root);
    const said = components.filter((component) => !isInPageOnly(component)).map((each) => each["bom-ref"]);
    // Those for the other processor are not on this one.
    const other = process.arch === "arm64" ? "x64" : "arm64";
    const expected = said.filter((ref) => !ref.startsWith("@wuts/") && !ref.includes(`-linux-${other}@`));
    assert.deepEqual([...installed].sort(), expected.sort());
    const licences = await readFile(join(workFolder, "apps/console/dist/licences.json"), "utf8");
    assert.match(licences, /"react-dom"/, "the page says what it is made of");
  });

  it("runs as nobody, is healthy, keeps its data, and ends in order", async (t) => {
    const variables = variablesIn(textOf(image, "ENV"));
    const dataDir = join(rootOfImage, variables.WUTS_DATA_DIR ?? "");
    const env = {
      ...environment(),
      ...variables,
      WUTS_DATA_DIR: dataDir,
      NODE_COMPILE_CACHE: join(rootOfImage, variables.NODE_COMPILE_CACHE ?? ""),
      // What a test may not take: other addresses, and a port that is another's.
      WUTS_HOST: "127.0.0.1",
      WUTS_PORT: String(await freePort()),
      // No server listens there; nothing is asked of it.
      WUTS_WHATSAPP_URL: "ws://127.0.0.1:9",
    };
    let errors = "";
    const run = (text: string): ChildProcess => {
      const [program, ...args] = commandIn(text);
      const child = spawn(program, args, {
        env,
        cwd: workFolder,
        stdio: ["ignore", "pipe", "pipe"],
        ...unregistered,
      });
      child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
        errors += chunk;
      });
      t.onTestFinished(() => void child.kill("SIGKILL"));
      return child;
    };
    const health = async () => {
      const check = run(textOf(image, "HEALTHCHECK"));
      await once(check, "close");
      return check.exitCode;
    };
    assert.equal(await health(), 1);
    const server = run(textOf(image, "CMD"));
    let printed = "";
    for await (const chunk of server.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
      printed += String(chunk);
      if (/^WUTS listens on /m.test(printed)) break;
    }
    assert.equal(await health(), 0);
    // It goes on where others would open a debugger, which says where it listens.
    server.kill("SIGUSR1");
    assert.doesNotMatch(printed, /Bearer/);
    const [command = ""] = /token create .*$/m.exec(printed) ?? [];
    const wuts = join("node_modules", ".bin", "wuts");
    const options = { env, cwd: workFolder, ...unregistered };
    const made = await promisify(execFile)(wuts, [...command.split(" "), "--json"], options);
    const { token } = JSON.parse(made.stdout);
    const me = await fetch(`http://127.0.0.1:${env.WUTS_PORT}/me`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(me.status, 200);
    await me.text();
    const script = await fetch(`http://127.0.0.1:${env.WUTS_PORT}/docs/scalar.js`);
    assert.equal(script.status, 200);
    // The server would wait at its end for clients that do not read.
    assert.ok((await script.text()).length > 100_000);
    const page = await fetch(`http://127.0.0.1:${env.WUTS_PORT}/console/`);
    assert.equal(page.status, 200);
    const [, name = ""] = /src="(\.\/assets\/[^"]+\.js)"/.exec(await page.text()) ?? [];
    const program = await fetch(new URL(name, page.url));
    assert.equal(program.status, 200);
    assert.ok((await program.text()).length > 100_000);
    const backup = run(JSON.stringify(["node", "ops/backup-sqlite.js", dataDir, join(dataDir, "backup")]));
    await once(backup, "close");
    assert.equal(backup.exitCode, 0);
    server.kill(textOf(image, "STOPSIGNAL") as NodeJS.Signals);
    await once(server, "close");
    assert.equal(server.exitCode, 0);
    assert.equal(errors, "");
    const { uid, mode } = await stat(join(dataDir, "wuts.sqlite"));
    assert.deepEqual([uid, mode & 0o777], [unregistered.uid ?? process.getuid?.(), 0o600]);
  });

  it("has the command line of the server", async () => {
    const wuts = join(workFolder, "node_modules", ".bin", "wuts");
    const { stdout } = await promisify(execFile)(wuts, ["--help"], { env: environment(), ...unregistered });
    assert.match(stdout, /^Usage: wuts/);
  });
});

/** What `.dockerignore` lets through, of what git would commit and of what lies around in some checkouts. */
async function copyContext(target: string): Promise<void> {
  const isInContext = await buildContext(root);
  for (const name of (await listSources(root)).filter(isInContext)) {
    await mkdir(dirname(join(target, name)), { recursive: true });
    await cp(join(root, name), join(target, name));
  }
  for (const name of strays.filter(isInContext)) {
    await mkdir(dirname(join(target, name)), { recursive: true });
    await writeFile(join(target, name), "nobody else's");
  }
}

const strays = [
  "",
  "secrets",
  "ops",
  "apps/server",
  "apps/server/src",
  "apps/console",
  "packages/contract/src",
].flatMap((folder) => [".env", "stray.key", "stray.json", "stray"].map((name) => join(folder, name)));

/** @returns the packages of others below a folder, each as `name@version` */
async function installedIn(folder: string): Promise<Set<string>> {
  const found = new Set<string>();
  for (const path of await readdir(folder, { recursive: true })) {
    const [, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/@]+)\/package\.json$/.exec(path) ?? [];
    if (name === undefined || name.startsWith("@wuts/")) continue;
    const { version } = JSON.parse(await readFile(join(folder, path), "utf8"));
    found.add(`${name}@${version}`);
  }
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
