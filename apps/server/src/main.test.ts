import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { runPrintedCurls } from "@wuts/testing/printed-curls";
import { type Simulator, startSimulator } from "@wuts/whatsapp-simulator";
import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import { badSettings } from "./test-support/bad-settings.ts";
import { assertRefused, at, call, dataOf, textAt } from "./test-support/call.ts";
import {
  type Ended,
  runWuts,
  startServerProcess,
  temporaryFolder,
} from "./test-support/processes/server-process.ts";
import { suiteScope } from "./test-support/suite-scope.ts";
import { nextEvent } from "./test-support/until.ts";

const owner = "5511900000000";
const other = "5511900000001";
const ana = "5511999999999";

/** Asserts that the output says how to make another token, once, and nothing else of tokens. */
function assertOnlyAdvice(output: string): void {
  // The log names tokens by id, which is no token.
  const [before = "", ...after] = output.replaceAll(/"token_id":"[0-9a-f-]{36}"/g, "").split(advice);
  assert.equal(after.length, 1, output);
  assert.doesNotMatch(`${before}${after[0]}`, /token/i);
}

const advice =
  "; another token: npx wuts token create --user <id or e-mail> --name <name> (npx wuts user list shows the users)\n";

describe("npm start", () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator();
    simulator.addAccount({ phone: owner });
    simulator.addAccount({ phone: other });
    simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
  });
  afterAll(() => simulator.stop());

  const settings = async (t: TestContext) => ({
    WUTS_PORT: "0",
    WUTS_DATA_DIR: join(await temporaryFolder(t), "data"),
    WUTS_WHATSAPP_URL: simulator.url,
  });

  it("prints the first admin's token the first time, and never again", async (t) => {
    const environment = await settings(t);
    const first = startServerProcess(t, environment);
    const url = await first.listening;
    const [token = "", ...more] = new Set(first.stdout.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g));
    assert.deepEqual(more, []);
    const curl = /curl -H "Authorization: Bearer (\S+)" (\S+)$/m.exec(first.stdout);
    assert.deepEqual(curl?.slice(1), [token, `${url}/qr`]);
    dataOf(await call(`${url}/devices`, { token }));
    assert.deepEqual([(await first.end("SIGTERM")).code, (await first.ended).stderr], [0, ""]);

    const second = startServerProcess(t, environment);
    dataOf(await call(`${await second.listening}/devices`, { token }));
    const { stdout, code } = await second.end("SIGINT");
    assert.equal(code, 0);
    assert.ok(!stdout.includes(token));
    assertOnlyAdvice(stdout);
  });

  it("prints curl lines that work as they are pasted", async (t) => {
    const server = startServerProcess(t, await settings(t));
    await server.listening;
    const curls = await runPrintedCurls(server.stdout);
    assert.deepEqual([...new Set(curls.map(({ status }) => status))], [200], server.stdout);
    assert.match(curls.at(-1)?.body ?? "", /"qr_code":"[^"]+"/);
    assert.equal((await server.end("SIGTERM")).code, 0);
  });

  it("takes the token it is given, and does not print it", async (t) => {
    const token = randomUUID();
    const server = startServerProcess(t, { ...(await settings(t)), WUTS_BOOTSTRAP_TOKEN: token });
    dataOf(await call(`${await server.listening}/devices`, { token }));
    const { stdout, stderr } = await server.end("SIGTERM");
    assert.ok(!`${stdout}${stderr}`.includes(token));
  });

  it("takes it from a file, too, and does not print it", async (t) => {
    const token = randomUUID();
    const path = join(await temporaryFolder(t), "token");
    await writeFile(path, `${token}\n`);
    const server = startServerProcess(t, { ...(await settings(t)), WUTS_BOOTSTRAP_TOKEN_FILE: path });
    dataOf(await call(`${await server.listening}/devices`, { token }));
    const { stdout, stderr } = await server.end("SIGTERM");
    assert.ok(!`${stdout}${stderr}`.includes(token));
    assertOnlyAdvice(stdout);
  });

  it("prints no token in production, where logs are kept, but how to make one, as long as no user has any", async (t) => {
    const environment = { ...(await settings(t)), NODE_ENV: "production" };
    const commands: string[] = [];
    for (let start = 0; start < 2; start += 1) {
      const server = startServerProcess(t, environment);
      await server.listening;
      const { stdout, stderr } = await server.end("SIGTERM");
      assert.doesNotMatch(`${stdout}${stderr}`, /Bearer/);
      commands.push(/^ {2}npx wuts (token create --user [0-9a-f-]{36} --name \w+)$/m.exec(stdout)?.[1] ?? "");
    }
    const [command = "", later] = commands;
    assert.equal(command, later);
    const made = await runWuts(t, [...command.split(" "), "--json"], environment);
    assert.deepEqual([made.code, made.stderr], [0, ""]);
    const token = textAt(JSON.parse(made.stdout), "token");

    const server = startServerProcess(t, environment);
    const me = dataOf(await call(`${await server.listening}/me`, { token }));
    assert.equal(at(me, "user", "role"), "admin");
    assertOnlyAdvice((await server.end("SIGTERM")).stdout);
  });

  it("says which variable looks like a setting and is none", async (t) => {
    const server = startServerProcess(t, { ...(await settings(t)), WUTS_PROT: "1" });
    await server.listening;
    const { stderr } = await server.end("SIGTERM");
    assert.equal(stderr, "WUTS_PROT is not a setting of this server: did you mean WUTS_PORT?\n");
  });

  it("says which variable has the old name of a setting, and takes it", async (t) => {
    const server = startServerProcess(t, { ...(await settings(t)), WUTS_RECONNECT_PATIENCE_MS: "1" });
    await server.listening;
    const { stderr } = await server.end("SIGTERM");
    assert.equal(
      stderr,
      "WUTS_RECONNECT_PATIENCE_MS is called WUTS_RECONNECT_WAIT_MS now: the old name works until the next major version\n",
    );
  });

  describe("with a setting that cannot be", { concurrent: true }, () => {
    describe("or with many of them", () => {
      // One value for each setting; every other is in config.test.ts.
      const oneEach = new Map(badSettings.map(({ name, value }) => [name, value]));
      const suite = suiteScope();
      let ended: Ended;
      beforeAll(async () => {
        ended = await startServerProcess(suite, Object.fromEntries(oneEach)).ended;
      });

      it("does not start", () => {
        assert.deepEqual([ended.code, ended.stdout], [1, ""]);
        assert.equal(ended.stderr.split("\n").length, oneEach.size + 1);
      });

      for (const [name, value] of oneEach) {
        it(`says why it does not with ${name}=${value}, in a line of its own`, () => {
          assert.match(ended.stderr, new RegExp(`^${name} must .+\\.$`, "m"));
        });
      }
    });

    it("does not start on a port that is in use", async (t) => {
      const taken = createServer().listen(0, "127.0.0.1");
      await once(taken, "listening");
      const port = String(at(taken.address(), "port"));
      const server = startServerProcess(t, { ...(await settings(t)), WUTS_PORT: port });
      const { code, stderr } = await server.ended;
      taken.close();
      assert.deepEqual([code, stderr], [1, `WUTS_PORT: port ${port} is in use already.\n`]);
    });

    it("does not start on an address of another machine", async (t) => {
      const server = startServerProcess(t, {
        ...(await settings(t)),
        WUTS_HOST: "192.0.2.1",
        WUTS_BOOTSTRAP_TOKEN: randomUUID(),
      });
      const { code, stderr } = await server.ended;
      assert.deepEqual([code, stderr], [1, "WUTS_HOST: 192.0.2.1 is no address of this machine.\n"]);
    });

    it("does not start where its folder cannot be", async (t) => {
      const file = join(await temporaryFolder(t), "file");
      await writeFile(file, "");
      const server = startServerProcess(t, { ...(await settings(t)), WUTS_DATA_DIR: file });
      const { code, stderr } = await server.ended;
      assert.deepEqual(
        [code, stderr],
        [1, `WUTS_DATA_DIR: ${file} cannot be made, since there is a file.\n`],
      );
    });

    it("does not start without its database server, and says which and why, without the password", async (t) => {
      const server = startServerProcess(t, {
        ...(await settings(t)),
        DATABASE_URL: "postgres://ana:swordfish@127.0.0.1:1/pictures",
      });
      const { code, stdout, stderr } = await server.ended;
      assert.deepEqual([code, stdout], [1, ""]);
      assert.equal(
        stderr,
        'DATABASE_URL: PostgreSQL at 127.0.0.1:1 cannot be used for the database "pictures" as "ana": nothing listens there. wuts doctor says how it is now.\n',
      );
    });
  });

  describe("without the key that encrypts credentials", () => {
    /** Data with a paired device, and the folder that it is in. */
    const begin = async (t: TestContext) => {
      const environment = { ...(await settings(t)), WUTS_BOOTSTRAP_TOKEN: randomUUID() };
      const server = startServerProcess(t, environment);
      const token = environment.WUTS_BOOTSTRAP_TOKEN;
      const url = await server.listening;
      const login = nextEvent(simulator.events, "login");
      await simulator.account(other).scanQr(textAt(dataOf(await call(`${url}/qr`, { token })), "qr_code"));
      await login;
      await server.end("SIGTERM");
      return { environment, keyFile: join(environment.WUTS_DATA_DIR, "secret.key") };
    };
    const assertRefusesToStart = async (
      t: TestContext,
      environment: Record<string, string>,
      sentence: RegExp,
    ) => {
      let logins = 0;
      const count = () => {
        logins += 1;
      };
      for (const event of ["login", "loginRefused"] as const) simulator.events.on(event, count);
      const { code, stdout, stderr } = await startServerProcess(t, environment).ended;
      for (const event of ["login", "loginRefused"] as const) simulator.events.off(event, count);
      assert.deepEqual([code, stdout, logins], [1, "", 0]);
      assert.match(stderr, sentence);
    };

    it("does not start when the file is lost, and says which key is missing", async (t) => {
      const { environment, keyFile } = await begin(t);
      await rm(keyFile);
      const sentence =
        /^The database holds credentials under the key [0-9a-f]{8}, which is not in \S+\/secret\.key: .+\.\n$/;
      await assertRefusesToStart(t, environment, sentence);
      assert.equal(existsSync(keyFile), false);
    });

    it("does not start with another WUTS_SECRET_KEY, and says which key is missing", async (t) => {
      const { environment } = await begin(t);
      const WUTS_SECRET_KEY = randomBytes(32).toString("hex");
      const sentence =
        /^The database holds credentials under the key [0-9a-f]{8}, which is not in WUTS_SECRET_KEY: .+\.\n$/;
      await assertRefusesToStart(t, { ...environment, WUTS_SECRET_KEY }, sentence);
    });

    it("does not start when others can read the file", async (t) => {
      const { environment, keyFile } = await begin(t);
      await chmod(keyFile, 0o644);
      await assertRefusesToStart(t, environment, /^\S+\/secret\.key must be for its owner only: .+\.\n$/);
    });
  });

  describe("on SIGTERM", () => {
    it("finishes what is under way, says that it is not ready, and exits with 0", async (t) => {
      const token = randomUUID();
      const server = startServerProcess(t, { ...(await settings(t)), WUTS_BOOTSTRAP_TOKEN: token });
      const url = await server.listening;
      const login = nextEvent(simulator.events, "login");
      await simulator.account(owner).scanQr(textAt(dataOf(await call(`${url}/qr`, { token })), "qr_code"));
      await login;
      dataOf(await call(`${url}/connect`, { method: "POST", token }));

      const undo = simulator.faults.latency(2_000, "iq w:profile:picture get");
      const asked = nextEvent(
        simulator.events,
        "stanza",
        ({ stanza }) => stanza.attrs.xmlns === "w:profile:picture",
      );
      const answering = call(`${url}/contacts/profile-picture?number=${ana}`, { token });
      await asked;
      server.signal("SIGTERM");
      let ready = await call(`${url}/health/ready`);
      while (ready.status === 200) ready = await call(`${url}/health/ready`);
      assertRefused(ready, 503, "SERVER_NOT_READY");
      dataOf(await answering);
      undo();
      const { code, signal } = await server.ended;
      assert.deepEqual([code, signal], [0, null]);
      // It left without unlinking.
      assert.equal(simulator.account(owner).devices.length, 1);
    });

    it("takes the two signals of one Ctrl-C under npm for one", async (t) => {
      const server = startServerProcess(t, await settings(t));
      await server.listening;
      server.signal("SIGINT");
      assert.equal((await server.end("SIGINT")).code, 0);
    });

    it("ends at once when it is told again", async (t) => {
      const token = randomUUID();
      const server = startServerProcess(t, { ...(await settings(t)), WUTS_BOOTSTRAP_TOKEN: token });
      const url = await server.listening;
      simulator.faults.silence("iq md set/link_code_companion_reg");
      const asked = nextEvent(simulator.events, "stanza", ({ stanza }) => stanza.attrs.xmlns === "md");
      const body = { number: owner };
      const hanging = call(`${url}/paircode`, { method: "POST", token, body }).catch(() => undefined);
      await asked;
      let over = false;
      const ended = server.ended.finally(() => {
        over = true;
      });
      while (!over) {
        server.signal("SIGTERM");
        await call(`${url}/health/ready`).catch(() => undefined);
      }
      const { code } = await ended;
      simulator.faults.reset();
      assert.equal(code, 1);
      await hanging;
    });
  });
});
