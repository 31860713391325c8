import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, copyFile, mkdir, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { type Simulator, startSimulator } from "@wuts/whatsapp-simulator";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it, type TestContext } from "vitest";
import { at } from "../test-support/call.ts";
import { sqliteIn } from "../test-support/databases/test-database.ts";
import { runWuts, temporaryFolder } from "../test-support/processes/server-process.ts";
import { nextEvent } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

type Findings = Record<string, (readonly [status: string, message: string])[]>;

/** Runs `wuts doctor --json`. @returns its exit code, and the findings of each check */
async function examine(
  t: TestContext,
  settings: Record<string, string>,
): Promise<{ code: number | null; found: Findings }> {
  const { code, stdout, stderr } = await runWuts(t, ["doctor", "--json"], settings);
  assert.equal(stderr, "");
  const answer: unknown = JSON.parse(stdout);
  assert.equal(at(answer, "healthy"), code === 0);
  const found: Findings = {};
  const checks = at(answer, "checks");
  assert.ok(Array.isArray(checks));
  for (const check of checks) {
    const name = String(at(check, "check"));
    found[name] = [...(found[name] ?? []), [String(at(check, "status")), String(at(check, "message"))]];
  }
  return { code, found };
}

/** Asserts the findings of a check: exactly these, in this order. */
function assertFound(
  findings: Findings[string] | undefined,
  ...expected: (readonly [string, RegExp])[]
): void {
  assert.deepEqual(
    findings?.map(([status]) => status),
    expected.map(([status]) => status),
    JSON.stringify(findings),
  );
  for (const [index, [, pattern]] of expected.entries()) assert.match(findings?.[index]?.[1] ?? "", pattern);
}

/** Every file of a folder with its mode, modification time and content. */
async function contentsOf(folder: string): Promise<unknown[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => {
      const { mode, mtimeMs } = await stat(join(folder, name));
      return { name, mode, mtimeMs, bytes: (await readFile(join(folder, name))).toString("base64") };
    }),
  );
}

describe("wuts doctor", () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.stop());
  afterEach(() => simulator.faults.reset());

  const settings = async (t: TestContext, changed: Record<string, string> = {}) => ({
    WUTS_DATA_DIR: join(await temporaryFolder(t), "data"),
    WUTS_WHATSAPP_URL: simulator.url,
    ...changed,
  });

  describe("before the first start", () => {
    it("warns that nothing is there yet, and makes nothing", async (t) => {
      const environment = await settings(t);
      const { code, stdout, stderr } = await runWuts(t, ["doctor"], environment);
      assert.deepEqual([code, stderr], [0, ""]);
      const lines = stdout.split("\n");
      assert.deepEqual(
        lines.slice(0, 7).map((line) => line.split(/ +/, 2)),
        [
          ["ok", "node"],
          ["ok", "settings"],
          ["warn", "data"],
          ["warn", "key"],
          ["warn", "database"],
          ["ok", "whatsapp"],
          ["ok", "clock"],
        ],
      );
      for (const line of lines.slice(2, 5)) assert.match(line, /is not there yet: the first start makes it$/);
      assert.deepEqual(lines.slice(7), ["", "Nothing is wrong.", ""]);
      assert.deepEqual(await readdir(join(environment.WUTS_DATA_DIR, "..")), []);
    });

    it("fails where the folder cannot be made", async (t) => {
      const file = join(await temporaryFolder(t), "file");
      await writeFile(file, "");
      for (const [WUTS_DATA_DIR, sentence] of [
        [file, /file is no folder: name another one in WUTS_DATA_DIR$/],
        [join(file, "data"), /data is not there, and cannot be made: \S+file is no folder$/],
      ] as const) {
        const { code, found } = await examine(t, await settings(t, { WUTS_DATA_DIR }));
        assert.equal(code, 1);
        assertFound(found.data, ["fail", sentence]);
      }
    });
  });

  it("fails where this user may not write", async (t) => {
    t.skip(process.getuid?.() === 0, "root may write everywhere: run it as another user");
    const folder = await temporaryFolder(t);
    await chmod(folder, 0o500);
    for (const [WUTS_DATA_DIR, sentence] of [
      [folder, /may not be read and written by this user: give it to who runs the server$/],
      [
        join(folder, "data"),
        /is not there, and cannot be made: \S+ may not be read and written by this user/,
      ],
    ] as const) {
      const { code, found } = await examine(t, await settings(t, { WUTS_DATA_DIR }));
      assert.equal(code, 1);
      assertFound(found.data, ["fail", sentence]);
    }
  });

  describe("settings", () => {
    it("names all that cannot be used and all that are none, and checks the rest", async (t) => {
      const environment = await settings(t, {
        WUTS_PORT: "http",
        WUTS_RECONNECT_MAX_MS: "10",
        WUTS_LOG_LEVEL: "loud",
        WUTS_PROT: "1",
      });
      const { code, found } = await examine(t, environment);
      assert.equal(code, 1);
      assertFound(
        found.settings,
        ["fail", /^WUTS_PORT must be a whole number/],
        ["fail", /^WUTS_LOG_LEVEL must be/],
        ["fail", /^WUTS_RECONNECT_MAX_MS must not be less/],
        ["warn", /^WUTS_PROT is not a setting/],
      );
      assertFound(found.data, ["warn", /not there yet/]);
      assertFound(found.whatsapp, ["ok", /answers/]);
    });

    it("names all that have an old name, and what to call them", async (t) => {
      const environment = await settings(t, {
        WUTS_LINES_PULSE_MS: "100",
        WUTS_PICTURE_ANSWERS_SECONDS: "1",
        WUTS_PICTURE_CACHE_SECONDS: "2",
      });
      const { code, found } = await examine(t, environment);
      assert.equal(code, 1);
      assertFound(
        found.settings,
        ["fail", /^WUTS_PICTURE_ANSWERS_SECONDS is the old name of WUTS_PICTURE_CACHE_SECONDS/],
        ["warn", /^WUTS_LINES_PULSE_MS is called WUTS_STREAM_HEARTBEAT_MS now/],
        ["warn", /^WUTS_PICTURE_ANSWERS_SECONDS is called WUTS_PICTURE_CACHE_SECONDS now/],
      );
    });

    it("does not check what depends on one that cannot be used, nor show it", async (t) => {
      const environment = await settings(t, {
        WUTS_SECRET_KEY: "swordfish",
        WUTS_WHATSAPP_URL: "ws://10.0.0.1/",
      });
      const { stdout } = await runWuts(t, ["doctor"], environment);
      assert.ok(!stdout.includes("swordfish"));
      const { code, found } = await examine(t, environment);
      assert.equal(code, 1);
      assertFound(found.key, ["warn", /^not checked: put WUTS_SECRET_KEY right first$/]);
      assertFound(found.whatsapp, ["warn", /^not checked: put WUTS_WHATSAPP_URL right first$/]);
      assertFound(found.clock, ["warn", /^not checked/]);
    });
  });

  describe("WhatsApp", () => {
    it("fails when no server listens", async (t) => {
      const server = createTcpServer((socket) => socket.resume()).listen(0, "127.0.0.1");
      await once(server, "listening");
      const port = at(server.address(), "port");
      server.close();
      const WUTS_WHATSAPP_URL = `ws://127.0.0.1:${port}/ws/chat`;
      const { code, found } = await examine(t, await settings(t, { WUTS_WHATSAPP_URL }));
      assert.equal(code, 1);
      assertFound(found.whatsapp, ["fail", /is out of reach \(connect ECONNREFUSED \S+\)/]);
      assertFound(found.clock, ["warn", /^could not be checked, since WhatsApp is out of reach$/]);
    });

    it("gives up on who does not answer", async (t) => {
      const server = createTcpServer((socket) => socket.resume()).listen(0, "127.0.0.1");
      t.onTestFinished(() => void server.close());
      await once(server, "listening");
      const environment = await settings(t, {
        WUTS_WHATSAPP_URL: `ws://127.0.0.1:${at(server.address(), "port")}/`,
        WUTS_CONNECT_TIMEOUT_MS: "100",
      });
      assertFound((await examine(t, environment)).found.whatsapp, ["fail", /no answer within 100 ms/]);
    });

    it("fails on an answer that is no WebSocket's", async (t) => {
      const environment = await settings(t, { WUTS_WHATSAPP_URL: `${simulator.url}/elsewhere` });
      assertFound((await examine(t, environment)).found.whatsapp, ["fail", /it answers 400 to a WebSocket/]);
    });

    it("pairs no device, and asks nothing", async (t) => {
      const before = simulator.received.total;
      const disconnected = nextEvent(simulator.events, "disconnected");
      assertFound((await examine(t, await settings(t))).found.whatsapp, ["ok", /answers, in \d+ ms$/]);
      await disconnected;
      assert.equal(simulator.received.total, before);
    });
  });

  describe("the clock", () => {
    for (const [seconds, status, sentence] of [
      [0, "ok", /^as WhatsApp's$/],
      [-50, "ok", /^(49|50|51) s ahead of WhatsApp's$/],
      [50, "ok", /^(49|50|51) s behind WhatsApp's$/],
      [-90, "fail", /^(89|90|91) s ahead of WhatsApp's: set it/],
      [90, "fail", /^(89|90|91) s behind WhatsApp's: set it/],
    ] as const) {
      it(`is ${status} when WhatsApp's is ${seconds} s ahead`, async (t) => {
        simulator.faults.wrongClock(seconds * 1_000);
        const { code, found } = await examine(t, await settings(t));
        assertFound(found.clock, [status, sentence]);
        assert.equal(code, status === "ok" ? 0 : 1);
      });
    }

    for (const [what, date, status, sentence] of [
      ["only plain answers are dated", "Thu, 01 Jan 2026 00:00:00 GMT", "fail", /s ahead of WhatsApp's/],
      [
        "no answer is dated",
        undefined,
        "warn",
        /^could not be checked, since WhatsApp does not tell the time$/,
      ],
      ["a date cannot be read", "yesterday", "warn", /^could not be checked/],
    ] as const) {
      it(`is ${status} when ${what}`, async (t) => {
        const server = createServer((_request, answer) => {
          answer.sendDate = false;
          answer.writeHead(426, date === undefined ? {} : { date }).end();
        });
        server.on("upgrade", (_request, socket) => {
          socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        });
        server.listen(0, "127.0.0.1");
        t.onTestFinished(() => void server.close());
        await once(server, "listening");
        const WUTS_WHATSAPP_URL = `ws://127.0.0.1:${at(server.address(), "port")}/`;
        const { found } = await examine(t, await settings(t, { WUTS_WHATSAPP_URL }));
        assertFound(found.whatsapp, ["ok", /answers/]);
        assertFound(found.clock, [status, sentence]);
      });
    }
  });
});

describe("wuts doctor on data", () => {
  const owner = "5511900000000";
  let world: World;
  beforeEach(async () => {
    world = await startWorld({}, { makeDatabase: sqliteIn });
    world.simulator.addAccount({ phone: owner });
  });
  afterEach(() => world.stop());

  const path = (name: string) => join(world.dataDir, name);
  const doctor = (t: TestContext, WUTS_DATA_DIR = world.dataDir) =>
    examine(t, { WUTS_DATA_DIR, WUTS_WHATSAPP_URL: world.simulator.url });
  const assertAllOk = ({ code, found }: { code: number | null; found: Findings }) => {
    const others = Object.values(found)
      .flat()
      .filter(([status]) => status !== "ok");
    assert.deepEqual([others, code], [[], 0]);
  };

  it("finds nothing wrong beside a server that runs, which goes on", async (t) => {
    const device = await world.pairedDevice(owner);
    const names = await readdir(world.dataDir);
    assertAllOk(await doctor(t));
    assert.deepEqual(await readdir(world.dataDir), names);
    await world.untilState(device, "connected");
  });

  it("changes nothing of a server that is stopped", async (t) => {
    await world.stopServer();
    const contents = await contentsOf(world.dataDir);
    assertAllOk(await doctor(t));
    assert.deepEqual(await contentsOf(world.dataDir), contents);
  });

  it("reads what a crash left, and does not move it", async (t) => {
    // The latest writes are only in the write-ahead log.
    await world.createDevice();
    const crashed = join(await temporaryFolder(t), "data");
    await mkdir(crashed, { mode: 0o700 });
    const files = ["wuts.sqlite", "wuts.sqlite-wal", "secret.key"];
    for (const name of files) await copyFile(path(name), join(crashed, name));
    const contents = await Promise.all(files.map((name) => readFile(join(crashed, name))));
    assert.ok((contents[1]?.length ?? 0) > 0);
    assertAllOk(await doctor(t, crashed));
    assert.deepEqual(await Promise.all(files.map((name) => readFile(join(crashed, name)))), contents);
  });

  it("says who else may read or change what", async (t) => {
    await world.stopServer();
    await chmod(world.dataDir, 0o755);
    const open = await doctor(t);
    assert.equal(open.code, 0);
    assertFound(open.found.data, ["warn", /is open to others than its owner: chmod 700 it$/]);

    await chmod(world.dataDir, 0o770);
    await chmod(path("wuts.sqlite"), 0o640);
    await chmod(path("secret.key"), 0o604);
    const { code, found } = await doctor(t);
    assert.equal(code, 1);
    assertFound(
      found.data,
      ["fail", /can be changed by others than its owner: chmod 700 it$/],
      ["fail", /wuts\.sqlite must be for its owner only: chmod 600 it$/],
    );
    assertFound(found.key, ["fail", /secret\.key must be for its owner only: chmod 600 it/]);
    assertFound(found.database, ["ok", /whole and up to date/]);
  });

  it("says which key is missing, and makes none", async (t) => {
    await world.pairedDevice(owner);
    await world.stopServer();
    await rm(path("secret.key"));
    const { code, found } = await doctor(t);
    assert.equal(code, 1);
    assertFound(found.key, ["warn", /secret\.key is not there yet/]);
    assertFound(found.database, [
      "fail",
      /holds credentials under the key [0-9a-f]{8}, which is not in \S+secret\.key: put it back$/,
    ]);
    assert.ok(!(await readdir(world.dataDir)).includes("secret.key"));
  });

  it("says which key a server beside it has that it lacks", async (t) => {
    const settings = { WUTS_DATA_DIR: world.dataDir, WUTS_WHATSAPP_URL: world.simulator.url };
    const { code, found } = await examine(t, { ...settings, WUTS_SECRET_KEY: "5e".repeat(32) });
    assert.equal(code, 1);
    assertFound(found.database, [
      "fail",
      /^another server runs on \S+ with the key [0-9a-f]{8}, which is not in WUTS_SECRET_KEY: give all of them the same WUTS_SECRET_KEY$/,
    ]);
  });

  it("knows a database of a later version", async (t) => {
    await world.write(
      "insert into kysely_migration values ('2027-01-telepathy', '2027-01-01T00:00:00.000Z')",
    );
    const { code, found } = await doctor(t);
    assert.equal(code, 1);
    assertFound(found.database, ["fail", /is of a later version \(2027-01-telepathy\): use that version or/]);
  });

  it("knows a database of an earlier version, and leaves it at that", async (t) => {
    await world.stopServer();
    await world.write("delete from kysely_migration where name = (select max(name) from kysely_migration)");
    const contents = await contentsOf(world.dataDir);
    const { code, found } = await doctor(t);
    assert.equal(code, 0);
    assertFound(found.database, ["warn", /is of an earlier version: the next start brings it up to date/]);
    assert.deepEqual(await contentsOf(world.dataDir), contents);
  });

  it("takes an empty file for a database that has yet to be made", async (t) => {
    await world.stopServer();
    await writeFile(path("wuts.sqlite"), "");
    assertFound((await doctor(t)).found.database, ["warn", /is of an earlier version/]);
  });

  it("knows a file that is no database", async (t) => {
    await world.stopServer();
    await writeFile(path("wuts.sqlite"), "not a database, ".repeat(1_000));
    const { code, found } = await doctor(t);
    assert.equal(code, 1);
    assertFound(found.database, [
      "fail",
      /is damaged \(file is not a database\): put a backup in its place$/,
    ]);
  });

  it("knows a damaged page", async (t) => {
    await world.stopServer();
    const file = await open(path("wuts.sqlite"), "r+");
    // Behind the first page, which holds the schema.
    await file.write(Buffer.alloc(4_096, 0xff), 0, 4_096, 4_096 * 2);
    await file.close();
    const { code, found } = await doctor(t);
    assert.equal(code, 1);
    assertFound(found.database, ["fail", /is damaged \(.+\): put a backup in its place$/]);
  });
});
