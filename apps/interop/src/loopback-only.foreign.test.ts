import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { afterAll, beforeAll, describe, it } from "vitest";
import { createProject, type Project } from "./project.ts";

describe("A program that a project runs", () => {
  let project: Project;
  beforeAll(async () => {
    project = await createProject();
  });
  afterAll(() => project.remove());
  const run = (source: string) => project.run(process.execPath, "--input-type=module", "--eval", source);

  it("reaches this machine", async (t) => {
    const server = createServer((_request, response) => void response.end('"here"'));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    for (const host of ["127.0.0.1", "localhost"])
      assert.equal(
        await run(`process.stdout.write(await (await fetch("http://${host}:${port}/")).text())`),
        '"here"',
      );
  });

  for (const [what, source] of [
    ["fetch", 'await fetch("http://192.0.2.1/").catch(() => {})'],
    ["https", '(await import("node:https")).get("https://192.0.2.1/").on("error", () => {})'],
    ["a socket", '(await import("node:net")).connect(80, "192.0.2.1").on("error", () => {})'],
    [
      "a program of its own",
      `(await import("node:child_process")).spawnSync(process.execPath, ["-e", "fetch('http://192.0.2.1/').catch(() => {})"])`,
    ],
  ] as const)
    it(`fails when it tries to reach another one, even if it says nothing, by ${what}`, async (t) => {
      const other = await createProject();
      t.onTestFinished(() => other.remove());
      const running = other.run(process.execPath, "--input-type=module", "--eval", source);
      await assert.rejects(running, /tried to reach 192\.0\.2\.1$/);
    });
});
