import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "vitest";
import { ConfigError, readConfig } from "../config/config.ts";
import { call, dataOf, textAt } from "../test-support/call.ts";
import { startServerProcess, temporaryFolder } from "../test-support/processes/server-process.ts";
import { composeServer } from "./compose.ts";

const everywhere = "0.0.0.0";

/** A data folder, and functions that start a server on it. */
async function home(t: TestContext) {
  const dataDir = await temporaryFolder(t);
  const compose = (settings: Record<string, string> = {}) =>
    composeServer(
      readConfig({ WUTS_PORT: "0", WUTS_DATA_DIR: dataDir, WUTS_LOG_LEVEL: "silent", ...settings }),
    );
  return {
    /** Runs a server on loopback. @returns the token that it created, if any */
    async runAtHome(
      settings: Record<string, string> = {},
      use: (url: string, token: string) => Promise<unknown> = async () => undefined,
    ) {
      const server = await compose(settings);
      try {
        await use(await server.listen(), server.firstAdmin.token ?? "");
        return server.firstAdmin.token;
      } finally {
        await server.stop();
      }
    },
    /** Asserts that the server would listen: it is composed but does not listen in this test. */
    async assertListens(settings: Record<string, string>) {
      const server = await compose(settings);
      assert.ok(server);
      await server.stop();
    },
    async assertRefuses(settings: Record<string, string>) {
      await assert.rejects(compose(settings), (error) => {
        assert.ok(error instanceof ConfigError, String(error));
        assert.match(error.message, /^WUTS_HOST is .+ but its only token is the one that it prints/);
        assert.match(
          error.message,
          /POST \/users\/\{id\}\/tokens or `wuts token create`.*NODE_ENV=production\.$/,
        );
        return true;
      });
    },
    withDatabase(...statements: string[]) {
      const database = new DatabaseSync(join(dataDir, "wuts.sqlite"));
      for (const statement of statements) database.exec(statement);
      database.close();
    },
  };
}

async function makeToken(url: string, token: string): Promise<void> {
  const id = textAt(dataOf(await call(`${url}/me`, { token })), "user", "id");
  dataOf(await call(`${url}/users/${id}/tokens`, { method: "POST", token, body: { name: "mine" } }), 201);
}

describe("A server whose only token is the one that it printed", () => {
  it("listens on loopback", async (t) => {
    const { runAtHome, assertListens } = await home(t);
    await runAtHome();
    for (const WUTS_HOST of ["127.0.0.1", "127.1.2.3", "::1", "0:0:0:0:0:0:0:1", "localhost"]) {
      await assertListens({ WUTS_HOST });
    }
  });

  for (const WUTS_HOST of [everywhere, "::", "192.0.2.1", "wuts.example.com", "127.0.0.1.example.com"]) {
    it(`does not listen on ${WUTS_HOST}, at its first start and later`, async (t) => {
      const { runAtHome, assertRefuses } = await home(t);
      await assertRefuses({ WUTS_HOST });
      assert.ok(await runAtHome(), "the start that was refused has made a token that no user has seen");
      await assertRefuses({ WUTS_HOST });
    });
  }

  it("listens anywhere with NODE_ENV=production", async (t) => {
    const { runAtHome, assertListens } = await home(t);
    assert.ok(await runAtHome());
    await assertListens({ WUTS_HOST: everywhere, NODE_ENV: "production" });
  });

  it("listens anywhere once there is another token, which may even be the only one then", async (t) => {
    const { runAtHome, assertListens, withDatabase } = await home(t);
    await runAtHome({}, makeToken);
    await assertListens({ WUTS_HOST: everywhere });
    withDatabase("delete from tokens where name = 'bootstrap'");
    await assertListens({ WUTS_HOST: everywhere });
  });

  it("is not let by a WUTS_BOOTSTRAP_TOKEN that comes too late to be taken", async (t) => {
    const { runAtHome, assertRefuses } = await home(t);
    await runAtHome();
    await assertRefuses({ WUTS_HOST: everywhere, WUTS_BOOTSTRAP_TOKEN: randomUUID() });
  });

  it("says so, and ends with 1", async (t) => {
    const server = startServerProcess(t, { WUTS_DATA_DIR: await temporaryFolder(t), WUTS_HOST: everywhere });
    const { code, stdout, stderr } = await server.ended;
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^WUTS_HOST is 0\.0\.0\.0, where others can reach this server, .+\.\n$/);
  });
});

describe("A server that began in production, where it printed no token", () => {
  it("makes none later, and listens anywhere", async (t) => {
    const { runAtHome, assertListens } = await home(t);
    await assertListens({ WUTS_HOST: everywhere, NODE_ENV: "production" });
    assert.equal(await runAtHome(), undefined);
    await assertListens({ WUTS_HOST: everywhere });
  });
});

describe("A server whose first token was given to it", () => {
  it("listens anywhere, also when it is not given any more", async (t) => {
    const { assertListens } = await home(t);
    await assertListens({ WUTS_HOST: everywhere, WUTS_BOOTSTRAP_TOKEN: randomUUID() });
    await assertListens({ WUTS_HOST: everywhere });
  });
});

describe("A server on the data of a version that did not note what it printed", () => {
  const earlier = [
    "alter table tokens drop column printed",
    "delete from kysely_migration where name >= '2026-11-third-printed-tokens'",
  ];

  it("takes its token for printed", async (t) => {
    const { runAtHome, assertListens, assertRefuses, withDatabase } = await home(t);
    await runAtHome();
    withDatabase(...earlier);
    await assertRefuses({ WUTS_HOST: everywhere });
    await runAtHome();
    await assertListens({ WUTS_HOST: everywhere, NODE_ENV: "production" });
  });

  it("does not, if it is the one that is given", async (t) => {
    const { assertListens, assertRefuses, withDatabase } = await home(t);
    const WUTS_BOOTSTRAP_TOKEN = randomUUID();
    await assertListens({ WUTS_BOOTSTRAP_TOKEN });
    withDatabase(...earlier);
    await assertListens({ WUTS_HOST: everywhere, WUTS_BOOTSTRAP_TOKEN });
    await assertRefuses({ WUTS_HOST: everywhere });
  });

  it("is brought up to date at the next start, when the first one ended in the middle", async (t) => {
    const { runAtHome, assertRefuses, withDatabase } = await home(t);
    await runAtHome();
    const stop = "create trigger stop before update on tokens begin select raise(abort, 'killed'); end";
    withDatabase(...earlier, stop);
    await assert.rejects(runAtHome(), /could not be brought up to date/);
    withDatabase("drop trigger stop");
    await assertRefuses({ WUTS_HOST: everywhere });
  });
});
