import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { wutsContract } from "@wuts/contract";
import type { Account } from "@wuts/whatsapp-simulator";
import { describe, type TestContext } from "vitest";
import { at, type CallOptions, call, dataOf, listAt, textAt } from "../test-support/call.ts";
import { type FaultNotes, faultsOf } from "../test-support/faults/fault.ts";
import { mainPath, startServerProcess } from "../test-support/processes/server-process.ts";
import { countFromEnvironment, Random, seedOfRun } from "../test-support/random.ts";
import { until } from "../test-support/until.ts";
import { phonesOf, worldOfMany } from "../test-support/worlds/many-devices.ts";

const seconds = countFromEnvironment("WUTS_TEST_SOAK_SECONDS", 15);
const devices = 100;
const callers = 16;
const measured = fileURLToPath(new URL("../test-support/processes/measured-process.ts", import.meta.url));

describe("A server with many devices under load", { timeout: 240_000 + seconds * 3_000 }, () => {
  const fault = faultsOf("Load");

  fault(
    `${devices} devices, mixed requests and messages for ${seconds} s, one device is cut off again and again`,
    async (test, notes) => {
      const load = await startLoad(test, notes);
      // Caches fill, and code is compiled.
      await load.run(Math.max(5, seconds / 4));
      const before = await load.measure();
      await load.run(seconds);
      const after = await load.measure();

      const { answers, messages, cuts } = load.counts();
      const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
      const figures = [
        `${answers} answers, ${messages} messages, ${cuts} cuts`,
        `heap ${megabytes(before.heapBytes)} before, ${megabytes(after.heapBytes)} after`,
        `event loop delay ${after.p50Ms.toFixed(0)} ms (p50), ${after.p99Ms.toFixed(0)} ms (p99)`,
      ].join("; ");
      console.log(`${seconds} s, WUTS_TEST_SEED=${load.seed}: ${figures}`);
      assert.ok(after.heapBytes < 1.1 * before.heapBytes, figures);
      assert.equal(load.unread(), 0, "messages could not be read");
      await load.allConnected();
      notes.times = answers;
      notes.ended("connected", figures);
    },
  );
});

async function startLoad(test: TestContext, notes: FaultNotes) {
  const random = new Random(seedOfRun());
  const world = await worldOfMany(devices, {}, 20);
  test.onTestFinished(() => world.stop());
  const { simulator } = world;
  const friends: [Account, ...Account[]] = [
    simulator.addAccount({ phone: "5511999999990", name: "Ana", picture: { id: "1700000000" } }),
    simulator.addAccount({ phone: "5511999999991", name: "Bia", picture: { id: "1700000001" } }),
    simulator.addAccount({ phone: "5511999999992", name: "Caio" }),
    simulator.addAccount({ phone: "5511999999993", name: "Dora", pictureBehaviour: "hidden" }),
  ];
  const phones = phonesOf(devices);
  for (const phone of phones) simulator.addAccount({ phone });
  const server = startServerProcess(
    test,
    {
      WUTS_PORT: "0",
      ...world.place,
      WUTS_BOOTSTRAP_TOKEN: world.token,
      WUTS_WHATSAPP_URL: simulator.url,
      WUTS_LOG_LEVEL: "error",
      WUTS_RESTORE_CONCURRENCY: "16",
      WUTS_RECONNECT_MIN_MS: "500",
      WUTS_RECONNECT_MAX_MS: "1000",
      WUTS_RECONNECT_WAIT_MS: "200",
      WUTS_PICTURE_PACE_PER_MINUTE: "6000",
      WUTS_RATE_LIMIT_TOKEN: "0",
      WUTS_RATE_LIMIT_USER: "0",
      WUTS_RATE_LIMIT_TENANT: "0",
      WUTS_RATE_LIMIT_DEVICE: "0",
    },
    ["--expose-gc", "--import", measured, mainPath],
  );
  const url = await server.listening;
  const ask = (path: string, options: CallOptions = {}) =>
    call(`${url}${path}`, { token: world.token, signal: AbortSignal.timeout(30_000), ...options });

  const allConnected = () =>
    until("all devices to be connected", async () => {
      const pages = await Promise.all([ask("/devices?limit=100")]);
      const states = pages.flatMap((page) => listAt(dataOf(page), "items")).map((each) => at(each, "state"));
      const away = states.filter((state) => state !== "connected");
      return { found: states.length === devices && away.length === 0 ? true : undefined, seen: away };
    });
  await until("the restore to be over", async () => {
    const restoring = at(dataOf(await ask("/health/ready", { token: null })), "restoring");
    return { found: restoring === false || undefined, seen: restoring };
  });
  await allConnected();
  const ids = listAt(dataOf(await ask("/devices?limit=100")), "items").map((each) => textAt(each, "id"));
  const [flapping = ""] = phones;

  /** What callers ask, by the operation that it is. */
  const questions: [Question, ...Question[]] = [
    [
      "getContactProfilePicture",
      (device, phone) => [`/contacts/profile-picture?number=${phone}&device_id=${device}`],
    ],
    [
      "getContactProfilePicture",
      (device, phone) => [`/contacts/profile-picture?number=${phone}&device_id=${device}`],
    ],
    [
      "getContactProfilePictureImage",
      (device, phone) => [`/contacts/profile-picture/image?number=${phone}&device_id=${device}`],
    ],
    ["getContactProfile", (device, phone) => [`/contacts/profile?number=${phone}&device_id=${device}`]],
    [
      "lookUpContactProfilePictures",
      (device) =>
        post(`/contacts/profile-pictures?device_id=${device}`, {
          numbers: friends.map((each) => each.phone),
        }),
    ],
    [
      "checkContacts",
      (device, phone) => post(`/contacts/check?device_id=${device}`, { numbers: [phone, "5511900009999"] }),
    ],
    ["listContacts", (device) => [`/contacts?device_id=${device}`]],
    ["getBlocklist", (device) => [`/contacts/blocklist?device_id=${device}`]],
    ["checkSessionStatus", (device) => [`/status?device_id=${device}`]],
    ["listDevices", () => ["/devices?limit=20"]],
    ["getContactProfilePicture", () => ["/contacts/profile-picture?number=nonsense"]],
    ["getContactProfilePicture", () => ["/contacts/profile-picture?number=5511900009999"]],
    ["checkSessionStatus", () => ["/status?device_id=3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d"]],
    ["listDevices", () => ["/devices", { token: "nonsense" }]],
    ["getMetrics", () => ["/metrics"]],
  ];
  let [answers, messages, cuts] = [0, 0, 0];
  const askOnce = async () => {
    const [operationId, make] = random.pick(questions);
    const [path, options] = make(ids[random.between(0, devices - 1)] ?? "", random.pick(friends).phone);
    const answer = notes.answer(await ask(path, options));
    answers += 1;
    const code = at(answer.body, "error_code");
    const operation = wutsContract.operations.find((each) => each.operationId === operationId);
    assert.ok(operation, operationId);
    const isDescribed = operation.responses.some(
      ({ status, errorCodes }) =>
        status === answer.status && (errorCodes.length === 0 || errorCodes.some((each) => each === code)),
    );
    assert.ok(isDescribed && answer.status !== 500, `${operationId}: ${JSON.stringify(answer)}`);
  };

  const cutOff = async (isOver: () => boolean) => {
    while (!isOver()) {
      cuts += simulator.faults.close(
        flapping,
        random.pick(["tcp-drop", "service-unavailable", "xmlstreamend"]),
      );
      await setTimeout(100);
    }
  };
  const write = async (isOver: () => boolean) => {
    while (!isOver()) {
      const to = phones[random.between(0, devices - 1)] ?? "";
      await random.pick(friends).sendMessage(to, { conversation: "Are you there?" });
      messages += 1;
      await setTimeout(20);
    }
  };

  return {
    seed: random.seed,
    /** How often a device asked for a message again. */
    unread: () => simulator.received.get("receipt retry"),
    counts: () => ({ answers, messages, cuts }),
    allConnected,
    async run(forSeconds: number) {
      const end = performance.now() + forSeconds * 1_000;
      const isOver = () => performance.now() >= end;
      const askOn = async () => {
        while (!isOver()) await askOnce();
      };
      await Promise.all([cutOff(isOver), write(isOver), ...Array.from({ length: callers }, askOn)]);
    },
    async measure() {
      await allConnected();
      const reported = server.hear();
      server.tell("measure");
      const figures = await reported;
      const number = (name: string) => Number(at(figures, name));
      return { heapBytes: number("heapBytes"), p50Ms: number("p50Ms"), p99Ms: number("p99Ms") };
    },
  };
}

type Question = readonly [
  operationId: string,
  make: (device: string, phone: string) => readonly [path: string, options?: CallOptions],
];

function post(path: string, body: unknown): [string, CallOptions] {
  return [path, { method: "POST", body }];
}
