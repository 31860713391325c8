import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import fc from "fast-check";
import { describe, it } from "vitest";
import { badSettings } from "../test-support/bad-settings.ts";
import { temporaryFolder } from "../test-support/processes/server-process.ts";
import {
  ConfigError,
  oldNamesIn,
  readConfig,
  readUsableConfig,
  renamedSettings,
  secretSettings,
  settings,
  unknownSettings,
} from "./config.ts";

describe("readConfig", () => {
  it("has a default for everything", () => {
    const config = readConfig({});
    assert.deepEqual(config, {
      host: "127.0.0.1",
      port: 3000,
      dataDir: join(process.cwd(), "data"),
      databaseUrl: undefined,
      secretKeys: undefined,
      bootstrapToken: undefined,
      masterToken: undefined,
      metricsToken: undefined,
      auditRetentionDays: 90,
      whatsapp: {
        url: undefined,
        version: undefined,
        timeoutMs: 8_000,
        connectTimeoutMs: 20_000,
        probe: { intervalMs: 30_000, timeoutMs: 10_000 },
      },
      reconnect: { minMs: 1_000, maxMs: 60_000 },
      reconnectWaitMs: 5_000,
      leaseMs: 30_000,
      restoreConcurrency: 8,
      deviceConcurrency: 64,
      deviceQueue: 256,
      contactsPerDevice: 50_000,
      pictures: {
        perMinute: 300,
        queriesPerMinute: 300,
        timeoutMs: 50_000,
        heartbeatMs: 15_000,
        cacheSeconds: 0,
        maxBytes: 5_242_880,
        cacheBytes: 268_435_456,
      },
      rateLimits: { token: 600, user: 1_200, tenant: 6_000, device: 300, address: 120, failedAuth: 20 },
      numberChecksPerMinute: 300,
      quotas: {
        tokens: 100,
        users: 1_000,
        devices: 500,
        pairings: 50,
        pairingsPerHour: 300,
        phonesPerHour: 5,
      },
      requestsUnderWay: { total: 4_000, perOwner: 1_000 },
      bodyBytesUnderWay: { total: 67_108_864, perOwner: 33_554_432 },
      bodyLimitBytes: 102_400,
      pictureLimitBytes: 5_242_880,
      headersTimeoutMs: 10_000,
      requestTimeoutMs: 30_000,
      maxConnections: 10_000,
      corsOrigins: [],
      trustProxy: false,
      responseViolations: "fail",
      shutdownTimeoutMs: 10_000,
      logLevel: "info",
      production: false,
    });
    assert.ok(isAbsolute(config.dataDir));
  });

  it("takes an empty variable for one that is not set", () => {
    const empty = Object.fromEntries(Object.keys(settings.shape).map((name) => [name, ""]));
    assert.deepEqual(readConfig(empty), readConfig({}));
  });

  it("reads a version as three numbers", () => {
    const { version } = readConfig({ WUTS_WHATSAPP_VERSION: "2.3000.1043857760" }).whatsapp;
    assert.deepEqual(version, [2, 3000, 1_043_857_760]);
  });

  it("takes a bootstrap token in capitals", () => {
    const token = "3F2B8C1A-9D4E-4F6A-8B7C-5E1D2A3B4C5D";
    assert.equal(readConfig({ WUTS_BOOTSTRAP_TOKEN: token }).bootstrapToken, token.toLowerCase());
  });

  it("takes a token for metrics in capitals, but none that is good for anything else", () => {
    const token = "3F2B8C1A-9D4E-4F6A-8B7C-5E1D2A3B4C5D";
    assert.equal(readConfig({ WUTS_METRICS_TOKEN: token }).metricsToken, token.toLowerCase());
    for (const name of ["WUTS_BOOTSTRAP_TOKEN", "WUTS_MASTER_TOKEN"]) {
      assert.throws(
        () => readConfig({ WUTS_METRICS_TOKEN: token, [name]: token.toLowerCase() }),
        new RegExp(`^ConfigError: WUTS_METRICS_TOKEN must not be the ${name}`),
      );
    }
  });

  for (const [text, origins] of [
    ["*", "*"],
    ["https://app.example.com", ["https://app.example.com"]],
    ["http://127.0.0.1:5173, http://[::1]:8080", ["http://127.0.0.1:5173", "http://[::1]:8080"]],
  ] as const) {
    it(`takes ${text} for origins`, () => {
      assert.deepEqual(readConfig({ WUTS_CORS_ORIGINS: text }).corsOrigins, origins);
    });
  }

  for (const [text, proxies] of [
    ["0", false],
    ["2", 2],
    ["10.0.0.1", ["10.0.0.1"]],
    ["loopback, 10.0.0.0/8, fd00::/8, ::1", ["loopback", "10.0.0.0/8", "fd00::/8", "::1"]],
  ] as const) {
    it(`takes ${text} for proxies`, () => {
      assert.deepEqual(readConfig({ WUTS_TRUST_PROXY: text }).trustProxy, proxies);
    });
  }

  it("knows production by NODE_ENV, and by nothing like it", () => {
    assert.equal(readConfig({ NODE_ENV: "production" }).production, true);
    assert.equal(readConfig({ NODE_ENV: "prod" }).production, false);
  });

  it("refuses a request that must be there before its headers", () => {
    const timeouts = { WUTS_HEADERS_TIMEOUT_MS: "2000", WUTS_REQUEST_TIMEOUT_MS: "1999" };
    assert.throws(() => readConfig(timeouts), /^ConfigError: WUTS_REQUEST_TIMEOUT_MS must not be less/);
  });

  it("refuses less room for bodies than the largest one takes, and has more where that is larger", () => {
    for (const name of ["WUTS_MAX_BODY_BYTES", "WUTS_MAX_BODY_BYTES_TENANT"])
      assert.throws(
        () => readConfig({ [name]: "7000000" }),
        new RegExp(`^ConfigError: ${name} must be at least 7092908: .* WUTS_PICTURE_LIMIT_BYTES`),
      );
    const { bodyBytesUnderWay } = readConfig({ WUTS_PICTURE_LIMIT_BYTES: "30000000" });
    assert.deepEqual(bodyBytesUnderWay, { total: 320_819_200, perOwner: 160_409_600 });
  });

  it("reads secret keys in base64 and in hex, the first one first", () => {
    const [newest, older] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const { secretKeys } = readConfig({
      WUTS_SECRET_KEY: `${newest.toString("base64")}, ${older.toString("hex")}`,
    });
    assert.deepEqual(
      secretKeys?.map(({ key }) => key.export()),
      [newest, older],
    );
  });

  it("reads each secret from a file instead, without the line's end", async (t) => {
    const folder = await temporaryFolder(t);
    const token = randomUUID();
    const texts = {
      DATABASE_URL: "postgres://127.0.0.1/wuts",
      WUTS_SECRET_KEY: "00".repeat(32),
      WUTS_BOOTSTRAP_TOKEN: token,
      WUTS_MASTER_TOKEN: token,
      WUTS_METRICS_TOKEN: randomUUID(),
    };
    const files: Record<string, string> = {};
    for (const name of secretSettings) {
      files[`${name}_FILE`] = join(folder, name);
      await writeFile(join(folder, name), `${texts[name]}\n`);
    }
    assert.deepEqual(readConfig(files), readConfig(texts));
    assert.deepEqual(unknownSettings(files), []);
  });

  it("refuses a secret that stands in two places, and a file that has none", async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, "empty"), "\n");
    for (const name of secretSettings) {
      const refuses = (environment: Record<string, string>, why: string) =>
        assert.throws(() => readConfig(environment), { name: "ConfigError", message: `${name}_FILE ${why}` });
      const both = { [name]: "x", [`${name}_FILE`]: "x" };
      refuses(both, `must not be set beside ${name}: one of them is the secret.`);
      refuses({ [`${name}_FILE`]: join(folder, "none") }, "names a file that cannot be read (ENOENT).");
      refuses({ [`${name}_FILE`]: join(folder, "empty") }, "names a file that is empty.");
      const { problems } = readUsableConfig({ [`${name}_FILE`]: join(folder, "none") });
      assert.deepEqual([...problems.keys()], [`${name}_FILE`]);
    }
  });

  it("does not show a secret key that it refuses", () => {
    const key = Buffer.alloc(31, 3);
    for (const text of [key.toString("base64"), key.toString("hex")]) {
      assert.throws(
        () => readConfig({ WUTS_SECRET_KEY: text }),
        (error) => error instanceof ConfigError && !String(error.stack).includes(text),
      );
    }
  });

  for (const url of [
    "ws://127.0.0.1:8080/ws/chat",
    "ws://127.1.2.3/",
    "ws://localhost:1",
    "ws://[::1]:8080/ws/chat",
    "wss://127.0.0.1/ws/chat",
  ]) {
    it(`takes ${url} as a WhatsApp on loopback`, () => {
      assert.equal(readConfig({ WUTS_WHATSAPP_URL: url }).whatsapp.url, url);
    });
  }

  for (const { name, value } of badSettings) {
    it(`refuses ${name}=${value} in a sentence that names it`, () => {
      assert.throws(
        () => readConfig({ [name]: value }),
        (error) => error instanceof ConfigError && error.message.startsWith(`${name} must`),
      );
    });
  }

  it("names every setting that it refuses, each in a line of its own", () => {
    const environment = { WUTS_PORT: "http", WUTS_LEASE_MS: "1.5", WUTS_HOST: "127.0.0.1" };
    assert.throws(() => readConfig(environment), {
      name: "ConfigError",
      message:
        "WUTS_PORT must be a whole number from 0 to 65535.\nWUTS_LEASE_MS must be a whole number from 1000 to 3600000.",
    });
  });

  it("names two that contradict each other when none is bad by itself", () => {
    const delays = { WUTS_RECONNECT_MIN_MS: "2000", WUTS_RECONNECT_MAX_MS: "1999" };
    const refusal = (environment: Record<string, string>, message: string) =>
      assert.throws(() => readConfig(environment), { name: "ConfigError", message });
    refusal(
      { ...delays, WUTS_LEASE_MS: "1.5", WUTS_PORT: "1" },
      "WUTS_LEASE_MS must be a whole number from 1000 to 3600000.",
    );
    refusal({ ...delays, WUTS_PORT: "http" }, "WUTS_PORT must be a whole number from 0 to 65535.");
    refusal(
      { ...delays, WUTS_HEADERS_TIMEOUT_MS: "2000", WUTS_REQUEST_TIMEOUT_MS: "1999" },
      "WUTS_RECONNECT_MAX_MS must not be less than WUTS_RECONNECT_MIN_MS.",
    );
  });

  it("has a bad value for every setting that can have one", () => {
    // Any text is the name of a host or a folder; the system says whether there is one.
    const free = ["WUTS_HOST", "WUTS_DATA_DIR"];
    const covered = new Set(badSettings.map(({ name }) => name));
    assert.deepEqual(
      Object.keys(settings.shape).filter((name) => !covered.has(name)),
      free,
    );
  });

  it("refuses a longest delay below the shortest", () => {
    const delays = { WUTS_RECONNECT_MIN_MS: "2000", WUTS_RECONNECT_MAX_MS: "1999" };
    assert.throws(() => readConfig(delays), /^ConfigError: WUTS_RECONNECT_MAX_MS must not be less/);
  });

  it("never takes a WhatsApp that is not on loopback", () => {
    const hosts = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().map((ip) => `[${ip}]`),
    );
    fc.assert(
      fc.property(hosts, fc.constantFrom("ws", "wss"), (host, scheme) => {
        const url = `${scheme}://${host}/ws/chat`;
        fc.pre(URL.canParse(url));
        const { hostname } = new URL(url);
        fc.pre(!/^127\.|^\[::1\]$|^localhost$/.test(hostname));
        assert.throws(() => readConfig({ WUTS_WHATSAPP_URL: url }), ConfigError);
      }),
    );
  });

  it("answers or throws a ConfigError, whatever the environment", () => {
    const names = fc.constantFrom(...Object.keys(settings.shape));
    fc.assert(
      fc.property(fc.dictionary(names, fc.oneof(fc.string(), fc.nat().map(String))), (environment) => {
        try {
          readConfig(environment);
        } catch (error) {
          assert.ok(error instanceof ConfigError);
          assert.match(error.message, /^(?:WUTS|DATABASE)_[A-Z_]+ .+\.$/s);
        }
      }),
    );
  });
});

describe("readUsableConfig", () => {
  it("reads what readConfig reads when that takes everything", () => {
    const environment = { WUTS_PORT: "1", PATH: "/bin" };
    assert.deepEqual(readUsableConfig(environment), { config: readConfig(environment), problems: new Map() });
  });

  it("has every bad setting with its sentence, and the default in its place", () => {
    const oneEach = Object.fromEntries(badSettings.map(({ name, value }) => [name, value]));
    const { config, problems } = readUsableConfig({ ...oneEach, WUTS_HOST: "::1" });
    assert.deepEqual(config, readConfig({ WUTS_HOST: "::1" }));
    assert.deepEqual([...problems.keys()].sort(), Object.keys(oneEach).sort());
    for (const [name, sentence] of problems) assert.ok(sentence.startsWith(`${name} must`), sentence);
  });

  it("has a bad secret that stands in a file under the name of that file", async (t) => {
    const folder = await temporaryFolder(t);
    for (const name of secretSettings) {
      const path = join(folder, name);
      await writeFile(path, "swordfish");
      const { config, problems } = readUsableConfig({ [`${name}_FILE`]: path });
      assert.deepEqual(config, readConfig({}));
      assert.deepEqual([...problems.keys()], [`${name}_FILE`]);
      assert.ok(problems.get(`${name}_FILE`)?.startsWith(`${name} must`));
    }
  });

  it("uses neither of two settings that contradict each other", () => {
    const delays = { WUTS_RECONNECT_MIN_MS: "2000", WUTS_RECONNECT_MAX_MS: "1999" };
    const { config, problems } = readUsableConfig(delays);
    assert.deepEqual(config, readConfig({}));
    assert.deepEqual([...problems.keys()].sort(), Object.keys(delays).sort());
    assert.equal(new Set(problems.values()).size, 1);
  });
});

describe("A renamed setting", () => {
  it("is one of three, each with a name that the settings have", () => {
    assert.deepEqual(
      [...renamedSettings],
      [
        ["WUTS_LINES_PULSE_MS", "WUTS_STREAM_HEARTBEAT_MS"],
        ["WUTS_PICTURE_ANSWERS_SECONDS", "WUTS_PICTURE_CACHE_SECONDS"],
        ["WUTS_RECONNECT_PATIENCE_MS", "WUTS_RECONNECT_WAIT_MS"],
      ],
    );
    for (const [oldName, name] of renamedSettings)
      assert.deepEqual([oldName in settings.shape, name in settings.shape], [false, true]);
  });

  for (const [oldName, name] of renamedSettings) {
    it(`is read from ${oldName}, which is told what it is called now`, () => {
      const environment = { [oldName]: "777" };
      assert.deepEqual(readConfig(environment), readConfig({ [name]: "777" }));
      assert.notDeepEqual(readConfig(environment), readConfig({}));
      assert.deepEqual(readConfig({ ...environment, [name]: "777" }), readConfig(environment));
      assert.deepEqual(oldNamesIn(environment), [
        `${oldName} is called ${name} now: the old name works until the next major version`,
      ]);
      assert.deepEqual(unknownSettings(environment), []);
      assert.deepEqual(oldNamesIn({ [oldName]: "", [name]: "777" }), []);
    });

    it(`is not read from ${oldName} and ${name} when they differ`, () => {
      const environment = { [oldName]: "777", [name]: "778" };
      const message = `${oldName} is the old name of ${name}, and must not be set to another value: remove it.`;
      assert.throws(() => readConfig(environment), { name: "ConfigError", message });
      const { config, problems } = readUsableConfig(environment);
      assert.deepEqual(config, readConfig({}));
      assert.deepEqual(
        [...problems],
        [
          [oldName, message],
          [name, message],
        ],
      );
    });

    it(`is refused under the name ${oldName}, if that is the one that is set`, () => {
      const { config, problems } = readUsableConfig({ [oldName]: "often" });
      assert.deepEqual(config, readConfig({}));
      assert.deepEqual([...problems.keys()], [oldName]);
      assert.match(problems.get(oldName) ?? "", new RegExp(`^${oldName} must be a whole number from`));
    });
  }
});

describe("unknownSettings", () => {
  it("names what looks like a setting and is none, and what was most likely meant", () => {
    const environment = {
      WUTS_PROT: "1",
      WUTS_PORT: "1",
      WUTS_MOCK_PORT: "1",
      WUTS_MOCK_CORS_ORIGINS: "*",
      WUTS_MOCK_CONTRACT: "x",
      WUTS_WHATSAPP_TIMEOUT: "1",
      WUTS_COLOUR: "red",
      PATH: "x",
    };
    assert.deepEqual(unknownSettings(environment), [
      "WUTS_PROT is not a setting of this server: did you mean WUTS_PORT?",
      "WUTS_WHATSAPP_TIMEOUT is not a setting of this server: did you mean WUTS_WHATSAPP_TIMEOUT_MS?",
      "WUTS_COLOUR is not a setting of this server: see docs/configuration.md",
    ]);
  });
});
