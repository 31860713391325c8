import assert from "node:assert/strict";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { startMock } from "@wuts/mock";
import { startSandbox } from "@wuts/sandbox";
import { itUnless } from "@wuts/testing/needs";
import { noRuntimes, supportedRuntimes } from "@wuts/testing/runtimes";
import { afterAll, describe, it } from "vitest";
import { compile } from "./compile.ts";
import { clientFolder, installClient, tool } from "./installed-client.ts";
import { examplesOf } from "./readme-examples.ts";

const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());
const sandbox = await startSandbox({ WUTS_PORT: "0", WUTS_LOG_LEVEL: "silent" });
afterAll(() => sandbox.stop());
const servers = [
  { name: "mock", url: mock.url, token: "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d" },
  { name: "sandbox", url: sandbox.url, token: sandbox.token },
];

const project = await installClient([]);
afterAll(() => project.remove());
const reactProject = await installClient([
  ...["react", "@types/react", "csstype", "@types/node", "undici-types"],
  ...["@tanstack/react-query", "@tanstack/query-core"],
]);
afterAll(() => reactProject.remove());

await copyFile(new URL("same-program.js", import.meta.url), join(project.folder, "program.js"));
await project.write(
  "start.js",
  `const [file, url, token] = process.argv.slice(2);
  const { sayWhatIsThere } = await import(file);
  console.log((await sayWhatIsThere(url, token)).join("\\n"));`,
);
await project.write(
  "start-without-process.js",
  `const [file, url, token] = process.argv.slice(2);
  const { sayWhatIsThere } = await import(file);
  delete globalThis.process;
  console.log((await sayWhatIsThere(url, token)).join("\\n"));`,
);
await project.write(
  "wrong.js",
  `import { createWuts, isWutsError } from "@wuts/client";
  const wuts = createWuts({ baseUrl: "http://127.0.0.1", token: "token" });
  // @ts-expect-error: a number is wanted
  await wuts.devices.list({ limit: "5" });
  // @ts-expect-error: there is no envelope
  (await wuts.devices.list()).data;
  // @ts-expect-error: whose picture has to be said
  await wuts.contacts.getProfilePicture({ preview: false });
  // @ts-expect-error: there is no such call
  isWutsError(undefined, "devices.paint");`,
);

/** What the program has to print, whatever the server. */
const expected = `alive; 1 device, connected, 5511900000000
5511999999999@s.whatsapp.net, unchanged: false
551133333333@s.whatsapp.net, unchanged: false
404 PICTURE_NOT_SET: no profile picture is set
404 PICTURE_HIDDEN: the profile picture is hidden from this account
404 NOT_ON_WHATSAPP: this number is not on WhatsApp
120363039000000000@g.us, unchanged: false
5511999999999@s.whatsapp.net, unchanged: true
400 VALIDATION_ERROR: validation failed: limit must be at least 1, and is 0
400 VALIDATION_ERROR: validation failed: name must not be empty
0 ABORTED: the call was aborted
1 device listed; WutsAbortError of contacts.list
WutsNotFoundError of devices.get: true,false, true, false
openapi: 3.1.0
`;

const runtimes = supportedRuntimes();

describe("the package of the client", () => {
  it("has nothing that publint warns of", async () => {
    await assert.doesNotReject(project.run(tool("publint"), "run", "--strict", project.tarball));
  });

  it("has types that every resolution of ES modules finds, says @arethetypeswrong/cli", async () => {
    const config = join(clientFolder, ".attw.json");
    await assert.doesNotReject(project.run(tool("attw"), "--config-path", config, project.tarball));
  });

  it("holds the licence of the repository, and no test", async () => {
    const installed = join(project.folder, "node_modules", "@wuts", "client");
    const [ours, theirs] = await Promise.all(
      [new URL("../../../../LICENSE", import.meta.url), join(installed, "LICENSE")].map((file) =>
        readFile(file, "utf8"),
      ),
    );
    assert.equal(theirs, ours);
    const files = await project.run("tar", "-tzf", project.tarball);
    assert.doesNotMatch(files, /test/);
  });
});

describe("a project with the client installed", () => {
  for (const { name, url, token } of servers) {
    for (const runtime of runtimes) {
      itUnless(
        runtime.program ? undefined : noRuntimes,
        `runs the same program on the ${name}, in ${runtime.name}`,
        async () => {
          assert.ok(runtime.program !== undefined, noRuntimes);
          const args = [...runtime.args({}), "start.js", "./program.js", url, token];
          assert.equal(await project.run(runtime.program, ...args), expected);
        },
      );
    }
  }

  for (const { name, program } of runtimes.filter(({ name }) => name.startsWith("Node"))) {
    itUnless(program ? undefined : noRuntimes, `may be CommonJS, in ${name}`, async () => {
      await project.write("program.cjs", 'console.log(typeof require("@wuts/client").createWuts);');
      assert.ok(program !== undefined, noRuntimes);
      assert.equal(await project.run(program, "program.cjs"), "function\n");
    });
  }

  for (const resolution of ["nodenext", "bundler"] as const) {
    it(`compiles, as strictly as TypeScript can, with module resolution ${resolution}`, async () => {
      await assert.doesNotReject(compile(project, resolution, ["program.js", "wrong.js"], []));
    });

    it(`compiles the examples of the README, with module resolution ${resolution}`, async () => {
      await assert.doesNotReject(compile(reactProject, resolution, await writeExamples(), ["node"]));
    });
  }
});

describe("a browser bundle of a program that uses the client", () => {
  it("is smaller than 15 kB gzipped, and runs without Node's modules", async () => {
    const options = ["--bundle", "--minify", "--format=esm", "--platform=browser", "--log-level=warning"];
    await project.run(tool("esbuild"), "program.js", ...options, "--outfile=bundle.js");
    const bundle = await readFile(join(project.folder, "bundle.js"));
    const size = gzipSync(bundle, { level: 9 }).byteLength;
    console.log(`The bundle of a program with the client: ${size} bytes gzipped`);
    assert.ok(size < 15_000, `${size} bytes gzipped`);
    assert.doesNotMatch(bundle.toString(), /node:|\brequire\(/);
    // It asks whether there is a `process`, and runs where there is none.
    assert.doesNotMatch(bundle.toString().replaceAll("globalThis.process", ""), /\bprocess\b/);
    // What esbuild cannot bundle, such as a package that is missing, it leaves as an import.
    assert.doesNotMatch(bundle.toString(), /\bimport\b/);
    for (const { url, token } of servers) {
      const printed = await project.run(
        process.execPath,
        "start-without-process.js",
        "./bundle.js",
        url,
        token,
      );
      assert.equal(printed, expected);
    }
  });
});

/** @returns the names of the files that the README's examples are in */
async function writeExamples(): Promise<string[]> {
  const examples = await examplesOf();
  assert.ok(examples.length > 0, "the README has examples");
  await Promise.all(examples.map((code, index) => reactProject.write(`example-${index}.ts`, code)));
  return examples.map((_code, index) => `example-${index}.ts`);
}
