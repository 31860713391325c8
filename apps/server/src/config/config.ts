import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { resolve } from "node:path";
import type { OperationDescription } from "@wuts/contract";
import { closestMatch } from "leven";
import { z } from "zod";
import { isLoopbackHostname } from "../kernel/loopback.ts";
import type { QuotaLimits } from "../kernel/quotas.ts";
import { areDifferent, parseSecretKey, type SecretKeys } from "../kernel/secret-key.ts";
import { StartRefused } from "../kernel/start-refused.ts";

/**
 * Every setting of the server: an environment variable, what it means, its default. docs/configuration.md and the
 * start-up check are made from this list, so a setting that is not here does not exist.
 */
export const settings = z.object({
  WUTS_HOST: z.string().min(1).default("127.0.0.1").describe("Address to listen on."),
  WUTS_PORT: wholeNumber(0, 65_535).default(3000).describe("Port to listen on; `0` takes a free one."),
  WUTS_DATA_DIR: z
    .string()
    .min(1)
    .default("./data")
    .describe(
      "Folder for the database, the key and the pictures that are kept. It holds the credentials of the devices: keep it private.",
    ),
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, "must be a URL such as postgres://user:password@host/database")
    .optional()
    .describe(
      "A PostgreSQL database, such as `postgres://user:password@host/database`. Default: an SQLite file in `WUTS_DATA_DIR`.",
    ),
  WUTS_SECRET_KEY: z
    .string()
    .transform((text, { addIssue }) => {
      const keys = parseSecretKeys(text);
      if (!keys)
        addIssue("must be different keys of 32 bytes each, in base64 or hex, with commas between them");
      return keys;
    })
    .optional()
    .describe(
      "Key that encrypts the credentials: 32 bytes in base64 or hex. Further ones, after commas, only decrypt. The same for all servers on a database. Default: a key in `secret.key` in `WUTS_DATA_DIR`, made at the first start.",
    ),
  WUTS_BOOTSTRAP_TOKEN: z
    .uuidv4("must be a UUID v4")
    .toLowerCase()
    .optional()
    .describe(
      "Token (UUID v4) of the first admin, instead of a random one that is printed once, or, with `NODE_ENV=production`, of none.",
    ),
  WUTS_MASTER_TOKEN: z
    .uuidv4("must be a UUID v4")
    .toLowerCase()
    .optional()
    .describe(
      "Token (UUID v4) that registers, lists and deletes tenants, and does nothing else. Without it there are no such operations.",
    ),
  WUTS_METRICS_TOKEN: z
    .uuidv4("must be a UUID v4")
    .toLowerCase()
    .optional()
    .describe(
      "Token (UUID v4) that shows `GET /metrics`, and does nothing else. Without it, a server that listens on loopback shows them to everybody who asks for `localhost` or an address of loopback, and any other to nobody.",
    ),
  WUTS_AUDIT_RETENTION_DAYS: wholeNumber(1, 36_500)
    .default(90)
    .describe("How many days the audit trail goes back."),
  WUTS_WHATSAPP_URL: z
    .string()
    .refine(
      isLoopbackWebSocket,
      "must be a ws:// or wss:// URL whose host is loopback (127.0.0.1, ::1, localhost)",
    )
    .optional()
    .describe("WebSocket endpoint instead of WhatsApp's own. Only a loopback host is taken."),
  WUTS_WHATSAPP_VERSION: z
    .string()
    .regex(/^\d{1,9}\.\d{1,9}\.\d{1,10}$/, "must be three numbers with dots, such as 2.3000.1043857760")
    .optional()
    .describe(
      "WhatsApp Web version to speak, such as `2.3000.1043857760`. Default: the one Baileys was made for.",
    ),
  WUTS_WHATSAPP_TIMEOUT_MS: wholeNumber(100, 120_000)
    .default(8_000)
    .describe("How long WhatsApp may take to answer a request, in milliseconds."),
  WUTS_CONNECT_TIMEOUT_MS: wholeNumber(100, 120_000)
    .default(20_000)
    .describe(
      "How long opening a connection to WhatsApp may take, up to the QR code or the login, in milliseconds.",
    ),
  WUTS_PROBE_INTERVAL_MS: wholeNumber(10, 3_600_000)
    .default(30_000)
    .describe(
      "After how long without anything from WhatsApp a connection is asked for a sign of life, in milliseconds.",
    ),
  WUTS_PROBE_TIMEOUT_MS: wholeNumber(10, 600_000)
    .default(10_000)
    .describe(
      "How long the sign of life may take to come, in milliseconds; without one, the device reconnects.",
    ),
  WUTS_RECONNECT_MIN_MS: wholeNumber(1, 60_000)
    .default(1_000)
    .describe("First delay before a lost connection is opened again, in milliseconds."),
  WUTS_RECONNECT_MAX_MS: wholeNumber(1, 3_600_000)
    .default(60_000)
    .describe("Longest delay before a lost connection is opened again, in milliseconds."),
  WUTS_RECONNECT_PATIENCE_MS: wholeNumber(0, 60_000)
    .default(5_000)
    .describe(
      "How long a request waits for a device that is connecting or reconnecting before the answer is 503 `DEVICE_NOT_READY`, in milliseconds. `0`: not at all.",
    ),
  WUTS_RESTORE_CONCURRENCY: wholeNumber(1, 1_000)
    .default(8)
    .describe("How many paired devices log in at once after a start."),
  WUTS_LEASE_MS: wholeNumber(1_000, 3_600_000)
    .default(30_000)
    .describe(
      "After how long without a sign of life of its server a device may go over to another server on the same database, in milliseconds. A server that cannot reach the database for that long ends its connections before.",
    ),
  WUTS_DEVICE_CONCURRENCY: wholeNumber(1, 1_000)
    .default(16)
    .describe("How many queries a device has under way at once."),
  WUTS_DEVICE_QUEUE: wholeNumber(0, 100_000)
    .default(256)
    .describe("How many further queries of a device may wait; past that the answer is 503 `DEVICE_BUSY`."),
  WUTS_CONTACTS_PER_DEVICE: wholeNumber(100, 1_000_000)
    .default(50_000)
    .describe(
      "How many people are kept for a device. Past that, those go first who are not in its address book and were not heard of longest.",
    ),
  WUTS_PICTURE_PACE_PER_MINUTE: wholeNumber(1, 60_000)
    .default(300)
    .describe(
      "How many pictures a device asks WhatsApp for in a minute, evenly spread, for all `POST /contacts/profile-pictures` together, unless the device has a pace of its own.",
    ),
  WUTS_NUMBER_CHECKS_PER_MINUTE: wholeNumber(0, 1_000_000)
    .default(300)
    .describe(
      "How many numbers a device asks WhatsApp for in a minute whether they are registered; accounts that ask for thousands get banned. `0`: any number.",
    ),
  WUTS_PICTURES_TIMEOUT_MS: wholeNumber(100, 3_600_000)
    .default(50_000)
    .describe(
      "How long `POST /contacts/profile-pictures` asks before it answers in one piece, in milliseconds; whose turn has not come by then is answered `DEVICE_BUSY`.",
    ),
  WUTS_LINES_PULSE_MS: wholeNumber(10, 600_000)
    .default(15_000)
    .describe(
      "After how long without anything to tell an answer that comes line by line says that the work goes on, in milliseconds: less than what proxies in between wait for.",
    ),
  WUTS_PICTURE_ANSWERS_SECONDS: wholeNumber(0, 604_800)
    .default(0)
    .describe(
      "For how long what WhatsApp said of a picture is answered again without asking it, in seconds. `0`: it is asked each time.",
    ),
  WUTS_PICTURE_MAX_BYTES: wholeNumber(1_024, 100_000_000)
    .default(5_242_880)
    .describe("Largest picture that is fetched from WhatsApp, in bytes; a larger one is answered as 502."),
  WUTS_PICTURE_CACHE_BYTES: wholeNumber(0, 1_000_000_000_000)
    .default(268_435_456)
    .describe(
      "How many bytes of pictures each server keeps in its `WUTS_DATA_DIR`; past that, those go first that were not asked for longest. `0`: none.",
    ),
  WUTS_RATE_LIMIT_TOKEN: wholeNumber(0, 1_000_000)
    .default(600)
    .describe(
      "How many requests a token may send in a minute; past that the answer is 429. `0`: any number.",
    ),
  WUTS_RATE_LIMIT_USER: wholeNumber(0, 1_000_000)
    .default(1_200)
    .describe(
      "How many requests a user may send in a minute, with whichever of their tokens. `0`: any number.",
    ),
  WUTS_RATE_LIMIT_TENANT: wholeNumber(0, 1_000_000)
    .default(6_000)
    .describe("How many requests all users of a tenant may send in a minute. `0`: any number."),
  WUTS_RATE_LIMIT_DEVICE: wholeNumber(0, 1_000_000)
    .default(300)
    .describe("How many requests may reach a device in a minute, whoever sends them. `0`: any number."),
  WUTS_MAX_TOKENS: wholeNumber(0, 1_000_000)
    .default(100)
    .describe("How many tokens that have not expired a user may make. `0`: any number."),
  WUTS_MAX_USERS: wholeNumber(0, 1_000_000)
    .default(1_000)
    .describe("How many users a tenant may have. `0`: any number."),
  WUTS_MAX_DEVICES: wholeNumber(0, 1_000_000)
    .default(500)
    .describe("How many devices all users of a tenant may have. `0`: any number."),
  WUTS_MAX_PAIRINGS: wholeNumber(0, 1_000_000)
    .default(50)
    .describe(
      "How many devices of a tenant may wait to be paired at once, each with a connection. `0`: any number.",
    ),
  WUTS_PAIRINGS_PER_HOUR: wholeNumber(0, 1_000_000)
    .default(300)
    .describe(
      "How many pairings a tenant may begin in an hour; past that the answer is 429 `PAIRING_LIMITED`. `0`: any number. A server begins ten a second at the most, each tenant's in turn.",
    ),
  WUTS_PAIRING_PHONES_PER_HOUR: wholeNumber(0, 1_000_000)
    .default(5)
    .describe(
      "For how many phones a user may ask for pairing codes in an hour; each shows a question on that phone. `0`: any number.",
    ),
  WUTS_RATE_LIMIT_ADDRESS: wholeNumber(0, 1_000_000)
    .default(120)
    .describe(
      "How many requests that need no token an address may send in a minute, such as for the contract; those that ask how the server is are not counted. `0`: any number.",
    ),
  WUTS_RATE_LIMIT_FAILED_AUTH: wholeNumber(0, 1_000_000)
    .default(20)
    .describe(
      "How many unknown tokens an address may try in a minute, and how many codes that sign nobody in; past that the answer is 429. Good ones work however many of them come from the same address. `0`: any number.",
    ),
  WUTS_BODY_LIMIT_BYTES: wholeNumber(1_024, 100_000_000)
    .default(102_400)
    .describe(
      "Largest request body, in bytes, without the picture that is in some. One that needs no token, to sign in, has 4096 bytes at the most.",
    ),
  WUTS_PICTURE_LIMIT_BYTES: wholeNumber(1_024, 50_000_000)
    .default(5_242_880)
    .describe("Largest file of a picture to set, in bytes."),
  WUTS_MAX_REQUESTS: wholeNumber(1, 1_000_000)
    .default(4_000)
    .describe("How many requests are under way at once; further ones are answered 503 `SERVER_BUSY`."),
  WUTS_MAX_REQUESTS_TENANT: wholeNumber(1, 1_000_000)
    .default(1_000)
    .describe("How many of them one tenant may have under way at once; past that the answer is 429."),
  WUTS_MAX_BODY_BYTES: wholeNumber(1_024, 10_000_000_000)
    .optional()
    .describe(
      "How many bytes the bodies of all requests under way may have together; a request whose body is too much is answered 503 `SERVER_BUSY`. Default: 64 MiB, or eight of the largest bodies where that is more.",
    ),
  WUTS_MAX_BODY_BYTES_TENANT: wholeNumber(1_024, 10_000_000_000)
    .optional()
    .describe(
      "How many of these bytes one tenant may have under way at once; past that the answer is 429. Default: half of them.",
    ),
  WUTS_HEADERS_TIMEOUT_MS: wholeNumber(100, 120_000)
    .default(10_000)
    .describe("How long the headers of a request may take to arrive, in milliseconds."),
  WUTS_REQUEST_TIMEOUT_MS: wholeNumber(100, 600_000)
    .default(30_000)
    .describe(
      "How long a whole request may take to arrive, and how long a client may read nothing of its answer, in milliseconds.",
    ),
  WUTS_MAX_CONNECTIONS: wholeNumber(1, 1_000_000)
    .default(10_000)
    .describe("How many connections are open at once; further ones are closed at once."),
  WUTS_CORS_ORIGINS: z
    .string()
    .transform((text, { addIssue }) => {
      const origins = parseOrigins(text);
      if (!origins)
        addIssue("must be * alone, or origins such as https://app.example.com, with commas between them");
      return origins;
    })
    .optional()
    .describe(
      "Origins whose pages browsers let ask this server, such as `https://app.example.com`, with commas between them, or `*` alone for all. Default: none.",
    ),
  WUTS_TRUST_PROXY: z
    .string()
    .transform((text, { addIssue }) => {
      const proxies = parseProxies(text);
      if (proxies === undefined)
        addIssue(
          `must be a number of proxies up to ${maxHops}, or addresses and subnets such as 10.0.0.0/8, with commas between them`,
        );
      return proxies;
    })
    .optional()
    .describe(
      "Whom to believe where a request comes from (`X-Forwarded-For`): how many proxies stand before this server, or their addresses and subnets (`loopback` and `uniquelocal` are names of some), with commas between them. Default: nobody.",
    ),
  WUTS_RESPONSE_VIOLATIONS: z
    .enum(["fail", "log"], "must be fail or log")
    .default("fail")
    .describe(
      "What happens to an answer that breaks the contract: `fail` answers 500, `log` only logs and counts it.",
    ),
  WUTS_SHUTDOWN_TIMEOUT_MS: wholeNumber(0, 600_000)
    .default(10_000)
    .describe("How long requests may take to finish after SIGTERM, in milliseconds."),
  WUTS_LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], "must be a level of the log")
    .default("info")
    .describe("`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`."),
});

/** The settings, parsed. Durations are in milliseconds, sizes in bytes. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Absolute. */
  readonly dataDir: string;
  /** Of PostgreSQL; `undefined`: an SQLite file in the data folder. It may hold a password. */
  readonly databaseUrl: string | undefined;
  /** `undefined`: those of the file in the data folder. */
  readonly secretKeys: SecretKeys | undefined;
  readonly bootstrapToken: string | undefined;
  /** In lower case; `undefined`: tenants are managed by nobody. */
  readonly masterToken: string | undefined;
  /** In lower case, and none of the others; `undefined`: only whoever runs this machine sees the metrics. */
  readonly metricsToken: string | undefined;
  readonly auditRetentionDays: number;
  readonly whatsapp: {
    /** `undefined` is WhatsApp's own endpoint. */
    readonly url: string | undefined;
    readonly version: readonly [number, number, number] | undefined;
    readonly timeoutMs: number;
    readonly connectTimeoutMs: number;
    /** When a connection is asked for a sign of life, and how long it may take to come. */
    readonly probe: { readonly intervalMs: number; readonly timeoutMs: number };
  };
  readonly reconnect: { readonly minMs: number; readonly maxMs: number };
  /** 0 is not at all. */
  readonly reconnectPatienceMs: number;
  readonly restoreConcurrency: number;
  /** For how long a device is this server's without hearing of it; never two servers' at once. */
  readonly leaseMs: number;
  readonly deviceConcurrency: number;
  readonly deviceQueue: number;
  readonly contactsPerDevice: number;
  /** 0 is any number. */
  readonly numberChecksPerMinute: number;
  readonly pictures: {
    /** How many a device asks for in a minute, for requests for many. */
    readonly perMinute: number;
    /** How long a request for many may wait for its turns. */
    readonly timeoutMs: number;
    /** After how long without anything to tell a request for many is told that the work goes on. */
    readonly pulseMs: number;
    /** For how long what WhatsApp said is answered again; 0: not at all. */
    readonly answersSeconds: number;
    /** How large one may be that is fetched. */
    readonly maxBytes: number;
    /** How many bytes of them are kept. */
    readonly cacheBytes: number;
  };
  /** Requests per minute; 0 is any number. */
  readonly rateLimits: Readonly<
    Record<"token" | "user" | "tenant" | "device" | "address" | "failedAuth", number>
  >;
  /** How many may be under way at once. */
  readonly requestsUnderWay: Share;
  /** How many bytes their bodies may have. */
  readonly bodyBytesUnderWay: Share;
  readonly quotas: QuotaLimits;
  readonly bodyLimitBytes: number;
  readonly pictureLimitBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  /** Empty: no page of another origin. */
  readonly corsOrigins: "*" | readonly string[];
  /** As Express takes it; `false` is nobody. */
  readonly trustProxy: false | number | readonly string[];
  readonly responseViolations: "fail" | "log";
  readonly shutdownTimeoutMs: number;
  readonly logLevel: z.infer<typeof settings>["WUTS_LOG_LEVEL"];
  /** Whether `NODE_ENV` says so. */
  readonly production: boolean;
}

interface Share {
  readonly total: number;
  readonly perOwner: number;
}

/** Settings have values that they cannot have. The message has a line for each problem, a sentence that names the setting. */
export class ConfigError extends StartRefused {
  override readonly name = "ConfigError";
}

/** Settings that hold a secret. Each can stand in a file instead, whose path is in the variable with `_FILE` at its end. */
export const secretSettings = [
  "DATABASE_URL",
  "WUTS_SECRET_KEY",
  "WUTS_BOOTSTRAP_TOKEN",
  "WUTS_MASTER_TOKEN",
  "WUTS_METRICS_TOKEN",
] as const;

/** @returns the variables that are set, with the secrets that stand in files @throws ConfigError */
function givenIn(environment: Record<string, string | undefined>): Record<string, string | undefined> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  for (const name of secretSettings) {
    const path = given[`${name}_FILE`];
    if (path === undefined) continue;
    if (given[name] !== undefined)
      throw new ConfigError(`${name}_FILE must not be set beside ${name}: one of them is the secret.`);
    given[name] = readSecret(`${name}_FILE`, path);
  }
  return given;
}

function readSecret(setting: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new ConfigError(`${setting} names a file that cannot be read${code}.`);
  }
  if (text === "") throw new ConfigError(`${setting} names a file that is empty.`);
  return text;
}

/**
 * Reads the settings out of an environment.
 *
 * An empty variable counts as not set.
 * @throws ConfigError naming every bad setting, or the first two that contradict each other
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const parsed = settings.safeParse(givenIn(environment));
  if (!parsed.success) {
    // Of a setting with several faults, the first one is told.
    const problems = new Map(parsed.error.issues.toReversed().map(({ path, message }) => [path[0], message]));
    const sentences = [...problems].map(([name, message]) => `${String(name)} ${message}.`);
    throw new ConfigError(sentences.reverse().join("\n"));
  }
  const values = parsed.data;
  const version = values.WUTS_WHATSAPP_VERSION?.split(".").map(Number);
  const reconnect = { minMs: values.WUTS_RECONNECT_MIN_MS, maxMs: values.WUTS_RECONNECT_MAX_MS };
  if (reconnect.maxMs < reconnect.minMs) {
    throw new ConfigError("WUTS_RECONNECT_MAX_MS must not be less than WUTS_RECONNECT_MIN_MS.");
  }
  if (values.WUTS_REQUEST_TIMEOUT_MS < values.WUTS_HEADERS_TIMEOUT_MS) {
    throw new ConfigError("WUTS_REQUEST_TIMEOUT_MS must not be less than WUTS_HEADERS_TIMEOUT_MS.");
  }
  for (const name of ["WUTS_BOOTSTRAP_TOKEN", "WUTS_MASTER_TOKEN"] as const) {
    if (values.WUTS_METRICS_TOKEN !== undefined && values.WUTS_METRICS_TOKEN === values[name])
      throw new ConfigError(`WUTS_METRICS_TOKEN must not be the ${name}: it is good for metrics only.`);
  }
  const largestBody = bodyLimitOf(
    { bodyLimitBytes: values.WUTS_BODY_LIMIT_BYTES, pictureLimitBytes: values.WUTS_PICTURE_LIMIT_BYTES },
    { hasPicture: true, role: "user" },
  );
  for (const name of ["WUTS_MAX_BODY_BYTES", "WUTS_MAX_BODY_BYTES_TENANT"] as const) {
    if ((values[name] ?? largestBody) < largestBody)
      throw new ConfigError(
        `${name} must be at least ${largestBody}: so large is one body with a picture of WUTS_PICTURE_LIMIT_BYTES.`,
      );
  }
  const bodyBytes = values.WUTS_MAX_BODY_BYTES ?? Math.max(64 * 1_024 ** 2, 8 * largestBody);
  return {
    host: values.WUTS_HOST,
    port: values.WUTS_PORT,
    dataDir: resolve(values.WUTS_DATA_DIR),
    databaseUrl: values.DATABASE_URL,
    secretKeys: values.WUTS_SECRET_KEY,
    bootstrapToken: values.WUTS_BOOTSTRAP_TOKEN,
    masterToken: values.WUTS_MASTER_TOKEN,
    metricsToken: values.WUTS_METRICS_TOKEN,
    auditRetentionDays: values.WUTS_AUDIT_RETENTION_DAYS,
    whatsapp: {
      url: values.WUTS_WHATSAPP_URL,
      version: version && [version[0] ?? 0, version[1] ?? 0, version[2] ?? 0],
      timeoutMs: values.WUTS_WHATSAPP_TIMEOUT_MS,
      connectTimeoutMs: values.WUTS_CONNECT_TIMEOUT_MS,
      probe: { intervalMs: values.WUTS_PROBE_INTERVAL_MS, timeoutMs: values.WUTS_PROBE_TIMEOUT_MS },
    },
    reconnect,
    reconnectPatienceMs: values.WUTS_RECONNECT_PATIENCE_MS,
    restoreConcurrency: values.WUTS_RESTORE_CONCURRENCY,
    leaseMs: values.WUTS_LEASE_MS,
    deviceConcurrency: values.WUTS_DEVICE_CONCURRENCY,
    deviceQueue: values.WUTS_DEVICE_QUEUE,
    numberChecksPerMinute: values.WUTS_NUMBER_CHECKS_PER_MINUTE,
    contactsPerDevice: values.WUTS_CONTACTS_PER_DEVICE,
    pictures: {
      perMinute: values.WUTS_PICTURE_PACE_PER_MINUTE,
      timeoutMs: values.WUTS_PICTURES_TIMEOUT_MS,
      pulseMs: values.WUTS_LINES_PULSE_MS,
      answersSeconds: values.WUTS_PICTURE_ANSWERS_SECONDS,
      maxBytes: values.WUTS_PICTURE_MAX_BYTES,
      cacheBytes: values.WUTS_PICTURE_CACHE_BYTES,
    },
    rateLimits: {
      token: values.WUTS_RATE_LIMIT_TOKEN,
      user: values.WUTS_RATE_LIMIT_USER,
      tenant: values.WUTS_RATE_LIMIT_TENANT,
      device: values.WUTS_RATE_LIMIT_DEVICE,
      address: values.WUTS_RATE_LIMIT_ADDRESS,
      failedAuth: values.WUTS_RATE_LIMIT_FAILED_AUTH,
    },
    requestsUnderWay: { total: values.WUTS_MAX_REQUESTS, perOwner: values.WUTS_MAX_REQUESTS_TENANT },
    bodyBytesUnderWay: {
      total: bodyBytes,
      perOwner: values.WUTS_MAX_BODY_BYTES_TENANT ?? Math.max(Math.floor(bodyBytes / 2), largestBody),
    },
    quotas: {
      tokens: values.WUTS_MAX_TOKENS,
      users: values.WUTS_MAX_USERS,
      devices: values.WUTS_MAX_DEVICES,
      pairings: values.WUTS_MAX_PAIRINGS,
      pairingsPerHour: values.WUTS_PAIRINGS_PER_HOUR,
      phonesPerHour: values.WUTS_PAIRING_PHONES_PER_HOUR,
    },
    bodyLimitBytes: values.WUTS_BODY_LIMIT_BYTES,
    pictureLimitBytes: values.WUTS_PICTURE_LIMIT_BYTES,
    headersTimeoutMs: values.WUTS_HEADERS_TIMEOUT_MS,
    requestTimeoutMs: values.WUTS_REQUEST_TIMEOUT_MS,
    maxConnections: values.WUTS_MAX_CONNECTIONS,
    corsOrigins: values.WUTS_CORS_ORIGINS ?? [],
    trustProxy: values.WUTS_TRUST_PROXY ?? false,
    responseViolations: values.WUTS_RESPONSE_VIOLATIONS,
    shutdownTimeoutMs: values.WUTS_SHUTDOWN_TIMEOUT_MS,
    logLevel: values.WUTS_LOG_LEVEL,
    production: environment.NODE_ENV === "production",
  };
}

/** @returns the size of the largest body that an operation takes, in bytes: a picture in it is in base64 */
export function bodyLimitOf(
  { bodyLimitBytes, pictureLimitBytes }: Pick<Config, "bodyLimitBytes" | "pictureLimitBytes">,
  { hasPicture, role }: Pick<OperationDescription, "hasPicture" | "role">,
): number {
  // Whoever sends it is unknown.
  if (role === "public") return Math.min(bodyLimitBytes, publicBodyBytes);
  return bodyLimitBytes + (hasPicture ? 4 * Math.ceil(pictureLimitBytes / 3) : 0);
}

/** As much as takes no more to hold than a connection and its headers do. */
const publicBodyBytes = 4_096;

/**
 * Reads the settings that can be used, with the defaults in place of the others.
 * @returns them, and the others by name, with the sentence that says what is wrong: one for two that contradict each other
 */
export function readUsableConfig(environment: Readonly<Record<string, string | undefined>>): {
  readonly config: Config;
  readonly problems: ReadonlyMap<string, string>;
} {
  const usable = { ...environment };
  const problems = new Map<string, string>();
  for (;;) {
    try {
      return { config: readConfig(usable), problems };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const named = error.message
        .split("\n")
        .flatMap((sentence) =>
          (sentence.match(/[A-Z]+_[A-Z_]+/g) ?? []).map((name) => [name, sentence] as const),
        )
        .filter(([name]) => name in usable);
      if (named.length === 0) throw error;
      for (const [name, sentence] of named) {
        problems.set(name, sentence);
        delete usable[name];
      }
    }
  }
}

/** @returns a sentence for each variable that looks like a setting but is none, most likely misspelt */
export function unknownSettings(environment: Record<string, string | undefined>): string[] {
  const known = [...Object.keys(settings.shape), ...secretSettings.map((name) => `${name}_FILE`)];
  return Object.keys(environment)
    .filter((name) => name.startsWith("WUTS_") && !known.includes(name) && !settingsOfOthers.has(name))
    .map((name) => {
      const meant = closestMatch(name, known, { maxDistance: mostSlips });
      const advice = meant === undefined ? "see docs/configuration.md" : `did you mean ${meant}?`;
      return `${name} is not a setting of this server: ${advice}`;
    });
}

/** Letters that are wrong, missing or too many in what is taken for a misspelt name. */
const mostSlips = 3;

/** Settings of the mock server and of the sandbox; an environment may hold them, too. */
const settingsOfOthers = new Set(["WUTS_MOCK_PORT", "WUTS_SANDBOX_PHONE_PORT"]);

function wholeNumber(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d+$/, message)
    .transform(Number)
    .pipe(z.number().min(least, message).max(most, message));
}

function parseSecretKeys(text: string): SecretKeys | undefined {
  const [newest, ...older] = text.split(",").map((key) => parseSecretKey(key.trim()));
  if (!newest || !older.every((key) => key !== undefined)) return undefined;
  return areDifferent([newest, ...older]) ? [newest, ...older] : undefined;
}

/** Origins as browsers write them: scheme, host, and a port that is not the scheme's own. */
function parseOrigins(text: string): Config["corsOrigins"] | undefined {
  const origins = text.split(",").map((origin) => origin.trim());
  if (origins.length === 1 && origins[0] === "*") return "*";
  return origins.every((origin) => /^https?:[^*]+$/.test(origin) && isOrigin(origin)) ? origins : undefined;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** No `true`, as Express would take it: whoever believes everybody counts the failures of nobody. */
function parseProxies(text: string): Config["trustProxy"] | undefined {
  if (/^\d+$/.test(text)) {
    const hops = Number(text);
    return hops > maxHops ? undefined : hops === 0 ? false : hops;
  }
  const proxies = text.split(",").map((proxy) => proxy.trim());
  return proxies.every(isProxy) ? proxies : undefined;
}

const maxHops = 32;

function isProxy(text: string): boolean {
  if (["loopback", "linklocal", "uniquelocal"].includes(text)) return true;
  const [address = "", prefix, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || address.includes("%") || more.length > 0) return false;
  const bits = version === 4 ? 32 : 128;
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= bits);
}

function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(text) && URL.canParse(text);
}

function isLoopbackWebSocket(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  // TLS is the only proof of WhatsApp's identity that Baileys checks, so no other host may stand in for it.
  return (protocol === "ws:" || protocol === "wss:") && isLoopbackHostname(hostname);
}
