import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readConfig, secretSettings, unknownSettings } from "@wuts/server/config";
import { describe, it } from "vitest";
import { sampleNamed } from "./documents/samples.ts";
import { buildContext, ignoredByGit } from "./test-support/build-context.ts";
import { readComposeFile } from "./test-support/compose-file.ts";
import { stagesOf, textOf } from "./test-support/dockerfile.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const compose = await readComposeFile(root);
const services = Object.entries(compose.services);
const { server, postgres } = compose.services;
assert.ok(server && postgres);

describe("Images of others", () => {
  it("are named by digest as well, since a tag may be moved: in the Dockerfile and in compose.yaml", async () => {
    const stages = stagesOf(await readFile(join(root, "Dockerfile"), "utf8"));
    const bases = stages.map((stage) => textOf(stage, "FROM").split(" ")[0] ?? "");
    const pulled = services.flatMap(([, { image, build }]) => (build === undefined ? [image] : []));
    assert.deepEqual([bases.length, new Set(bases).size, pulled.length], [2, 1, 1]);
    assert.deepEqual(
      [...bases, ...pulled].filter((name) => !/^[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}$/.test(name)),
      [],
    );
  });
});

describe("compose.yaml", () => {
  it("has no secret in the environment of a container, where docker inspect shows it: each is a file", () => {
    for (const [service, { environment, secrets }] of services) {
      const named = Object.entries(environment).filter(([name]) =>
        /secret|token|password|key|url/i.test(name),
      );
      assert.ok(named.length > 0, service);
      for (const [name, path] of named) {
        assert.match(name, /_FILE$/, `${service} has ${name}`);
        assert.ok(path.startsWith("/run/secrets/") && secrets.includes(basename(path)), path);
      }
      assert.ok(!JSON.stringify(environment).includes("${"), "nothing comes from the environment of Compose");
      assert.deepEqual(named.map(([, path]) => basename(path)).sort(), secrets.toSorted(), service);
    }
    const used = services.flatMap(([, { secrets }]) => secrets);
    assert.deepEqual(Object.keys(compose.secrets).sort(), used.sort());
    const files = secretSettings.map((name) => `${name}_FILE`).filter((name) => name in server.environment);
    assert.deepEqual(files.length, server.secrets.length);
  });

  it("has its secrets where neither git nor the build of the image takes them from", async () => {
    const paths = Object.values(compose.secrets).map(({ file }) => join(file));
    assert.ok(paths.every((path) => path.startsWith("secrets/")));
    assert.deepEqual([...(await ignoredByGit(root, paths))], paths);
    assert.deepEqual(paths.filter(await buildContext(root)), []);
  });

  it("gives its containers no more than they need, and writes no memory to a disk", () => {
    for (const [name, { security_opt, ulimits, ports }] of services) {
      assert.ok(security_opt.includes("no-new-privileges:true"), name);
      assert.equal(ulimits.core, 0, name);
      assert.deepEqual(
        ports.filter((port) => !port.startsWith("127.0.0.1:")),
        [],
        name,
      );
    }
    assert.ok(server.read_only);
    assert.deepEqual(server.cap_drop, ["ALL"]);
    assert.match(server.mem_limit ?? "", /^\d+g$/);
    assert.ok(server.pids_limit !== undefined);
  });

  it("takes the secrets that the page on deployment makes, and tells clients apart behind a proxy", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "wuts-compose-"));
    t.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const commands = await sampleNamed(root, "docs/deployment.md", "secrets");
    await promisify(execFile)("bash", ["-euc", commands], { cwd: folder });
    assert.equal((await stat(join(folder, "secrets"))).mode & 0o777, 0o700);
    const read = (name: string) => readFile(join(folder, compose.secrets[name]?.file ?? ""), "utf8");
    for (const name of Object.keys(compose.secrets)) {
      // The user of a container is another one, and sees the file only.
      const { mode } = await stat(join(folder, compose.secrets[name]?.file ?? ""));
      assert.equal(mode & 0o777, 0o444, name);
    }

    const environment = Object.fromEntries(
      Object.entries(server.environment).map(([name, value]) => [
        name,
        value.replace("/run/secrets/", `${folder}/secrets/`),
      ]),
    );
    assert.deepEqual(unknownSettings(environment), []);
    const config = readConfig(environment);
    assert.equal(
      config.databaseUrl,
      `postgres://wuts:${(await read("postgres_password")).trim()}@postgres:5432/wuts`,
    );
    assert.match(await read("postgres_password"), /^[0-9a-f]{64}\n$/);
    const { POSTGRES_USER: user, POSTGRES_DB: database } = postgres.environment;
    assert.deepEqual([user, database], ["wuts", "wuts"]);
    assert.ok(config.secretKeys && config.bootstrapToken && config.metricsToken);
    assert.notEqual(config.bootstrapToken, config.metricsToken);
    assert.equal(config.trustProxy, 1);
  });
});
