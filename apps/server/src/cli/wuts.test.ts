import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { wutsContract } from "@wuts/contract";
import { describe, it, type TestContext } from "vitest";
import { at } from "../test-support/call.ts";
import {
  runWuts,
  startServerProcess,
  temporaryFolder,
  wutsPath,
} from "../test-support/processes/server-process.ts";
import { isOldNode } from "./node-version.js";
import { commandsOf, createProgram, nameOf } from "./program.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

describe("wuts", () => {
  const commands = commandsOf(createProgram()).map((command) => ({ command, name: nameOf(command) }));

  it("--help lists every command and the exit codes", async (t) => {
    for (const args of [["--help"], ["-h"], ["help"]]) {
      const { code, stdout, stderr } = await runWuts(t, args);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, /^Usage: wuts <command>\n/);
      assert.deepEqual(
        [...stdout.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}\S/gm)].map(([, name]) => name),
        commands.map(({ name }) => name),
      );
      assert.match(stdout, /^Exit codes: 0 done, 1 failed, 2 wrong call\.$/m);
    }
  });

  it("--version says the version of the contract, and starts nothing", async (t) => {
    for (const flag of ["--version", "-V"]) {
      const { code, stdout, stderr } = await runWuts(t, [flag]);
      assert.deepEqual([code, stdout, stderr], [0, `${wutsContract.document.info.version}\n`, ""]);
    }
  });

  for (const { command, name } of commands) {
    it(`${name} --help says what it does and takes`, async (t) => {
      const { code, stdout, stderr } = await runWuts(t, [...name.split(" "), "--help"]);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.ok(stdout.startsWith(`Usage: wuts ${name} `), stdout);
      const words = stdout.replaceAll(/\s+/g, " ");
      assert.ok(words.includes(command.description()));
      for (const { flags, description } of command.options) {
        assert.notEqual(description, "");
        assert.ok(words.includes(`${flags} ${description}`), flags);
      }
    });

    it(`${name} takes no option that it does not know`, async (t) => {
      const needed = command.options.flatMap(({ mandatory, long }) => (mandatory && long ? [long, "x"] : []));
      const args = [...name.split(" "), ...needed, "--port", "1"];
      const { code, stdout, stderr } = await runWuts(t, args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.equal(stderr, "error: unknown option '--port'\nSee wuts --help.\n");
    });
  }

  for (const args of [[], ["tokens"], ["secrets"], ["secrets", "rotat"], ["doctor", "now"]]) {
    it(`exits with 2 and says why: wuts ${args.join(" ")}`, async (t) => {
      const { code, stdout, stderr } = await runWuts(t, args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, /^(error: .+\n(?:.+\n)?See wuts --help\.|Usage: wuts [\s\S]+)\n$/);
    });
  }

  it("is in package-lock.json, so that npm ci makes it npx wuts", async () => {
    const read = async (path: string): Promise<unknown> =>
      JSON.parse(await readFile(join(root, path), "utf8"));
    const bin = at(await read("apps/server/package.json"), "bin");
    assert.equal(join(root, "apps", "server", String(at(bin, "wuts"))), wutsPath);
    assert.deepEqual(at(await read("package-lock.json"), "packages", "apps/server", "bin"), bin);
  });

  it("is a program that runs on the first node of the PATH", async () => {
    const env = { PATH: dirname(process.execPath) };
    const { stdout } = await promisify(execFile)(wutsPath, ["--help"], { env });
    assert.match(stdout, /^Usage: wuts/);
  });

  /** A copy of the server without generated files. @returns the folder */
  const freshCopy = async (t: TestContext, engines: string) => {
    const folder = await temporaryFolder(t);
    for (const name of ["apps/server", "packages/contract"]) {
      await cp(join(root, name), join(folder, name), {
        recursive: true,
        filter: (path) => !/\.gen\.(ts|json)$|node_modules|reports/.test(path.slice(root.length)),
      });
    }
    await writeFile(
      join(folder, "package.json"),
      JSON.stringify({ type: "module", engines: { node: engines } }),
    );
    await mkdir(join(folder, "node_modules", "@wuts"), { recursive: true });
    for (const name of (await readdir(join(root, "node_modules"))).filter((each) => each !== "@wuts")) {
      await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
    }
    await symlink(join(folder, "packages", "contract"), join(folder, "node_modules", "@wuts", "contract"));
    return join(folder, "apps", "server", "src", "cli", "wuts.js");
  };

  it("says what to run when what derives from the contract is not there", async (t) => {
    const copy = await freshCopy(t, ">=24.18");
    const { code, stdout, stderr } = await startServerProcess(t, {}, [copy, "serve"]).ended;
    assert.deepEqual([code, stdout], [1, ""]);
    assert.equal(stderr, "What derives from the contract is not there yet: npm run build writes it.\n");
    assert.equal((await startServerProcess(t, {}, [copy, "doctor", "--help"]).ended).code, 0);
  });

  it("says which Node it needs when this one is too old", async (t) => {
    const copy = await freshCopy(t, ">=99.1");
    const { code, stdout, stderr } = await startServerProcess(t, {}, [copy, "--help"]).ended;
    assert.deepEqual([code, stdout], [1, ""]);
    assert.ok(
      stderr.startsWith(`wuts needs Node 99.1 or newer, and this is ${process.versions.node}: `),
      stderr,
    );
  });

  it("is not the only one to say so: what npm start runs says it in one sentence, too", async (t) => {
    const main = join(dirname(await freshCopy(t, ">=99.1")), "..", "main.ts");
    const { code, stdout, stderr } = await startServerProcess(t, {}, [main]).ended;
    assert.deepEqual([code, stdout], [1, ""]);
    assert.equal(
      stderr,
      `WUTS needs Node 99.1 or newer, and this is ${process.versions.node}: start it with npm start, which takes the one that npm ci brought.\n`,
    );
  });
});

describe("isOldNode", () => {
  for (const [version, isOld] of [
    ["20.20.2", true],
    ["24.17.9", true],
    ["24.18.0", false],
    ["24.21.0", false],
    ["25.0.0", false],
    ["26.0.0-nightly20260101", false],
    ["9.99.99", true],
  ] as const) {
    it(`${version}: ${isOld}`, () => assert.equal(isOldNode(version, "24.18"), isOld));
  }
});
