import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Account, type Simulator, startSimulator } from "@wuts/whatsapp-simulator";
import { describe, type TestContext } from "vitest";
import { type Answer, at, type CallOptions, call, dataOf, listAt, textAt } from "../test-support/call.ts";
import { type FaultNotes, faultsOf } from "../test-support/faults/fault.ts";
import { StanzaMeter } from "../test-support/faults/stanza-meter.ts";
import {
  type ServerProcess,
  startServerProcess,
  temporaryFolder,
} from "../test-support/processes/server-process.ts";
import { countFromEnvironment, Random, seedOfRun } from "../test-support/random.ts";
import { until } from "../test-support/until.ts";

const kills = countFromEnvironment("WUTS_TEST_KILLS", 20);
const seed = seedOfRun();
const readyServer = fileURLToPath(new URL("../test-support/processes/ready-server.ts", import.meta.url));

describe(`The server that is killed ${kills} times`, { timeout: 60_000 + kills * 15_000 }, () => {
  const fault = faultsOf("The process is killed (kill -9)");

  fault("at random moments of pairings, first uploads of keys, and messages", async (test, notes) => {
    console.log(`WUTS_TEST_SEED=${seed} repeats this run, as far as it is up to the test`);
    const random = new Random(seed);
    const life = await startLife(test, notes);
    const ends = { "logged in again": 0, "paired again": 0 };
    for (let kill = 1; kill <= kills; kill += 1) {
      // A pairing takes longer, so there is more traffic.
      const scene = life.isPaired ? random.pick<Scene>(["pairing", "keys", "traffic", "traffic"]) : "pairing";
      const moment = scene === "traffic" ? momentOfTraffic(random) : momentOfPairing(random, scene);
      const about = `kill ${kill}, ${scene}, ${JSON.stringify(moment)}`;
      try {
        if (scene === "traffic") await life.talkUntil(moment, random);
        else await life.pairUntil(moment);
        ends[await life.startAgain(random)] += 1;
        await life.checkMessages();
      } catch (error) {
        throw new Error(`${about}, WUTS_TEST_SEED=${seed}`, { cause: error });
      }
    }
    notes.times = kills;
    const how = Object.entries(ends).map(([end, count]) => `${count} times ${end}`);
    notes.ended("connected", `${how.join(", ")}; every message read`);
  });
});

type Scene = "pairing" | "keys" | "traffic";

/** When the server is killed: so long after the beginning, or when so many stanzas, or one of a kind, have come since. */
type Moment =
  | { readonly afterMs: number }
  | { readonly stanzas: number }
  | { readonly kind: string; readonly thenMs: number }
  | { readonly event: "paired" | "login"; readonly thenMs: number };

function momentOfPairing(random: Random, scene: Scene): Moment {
  if (scene === "keys")
    return {
      kind: random.pick(["iq encrypt get", "iq encrypt set", "iq passive set"]),
      thenMs: random.between(0, 40),
    };
  return random.pick<() => Moment>([
    () => ({ afterMs: random.between(0, 400) }),
    () => ({ stanzas: random.between(1, 20) }),
    () => ({ event: random.pick(["paired", "login"]), thenMs: random.between(0, 60) }),
  ])();
}

function momentOfTraffic(random: Random): Moment {
  return random.pick<() => Moment>([
    () => ({ afterMs: random.between(0, 120) }),
    () => ({ stanzas: random.between(1, 12) }),
    () => ({ kind: "receipt inactive", thenMs: random.between(0, 5) }),
  ])();
}

/** One simulator and one data folder, on which one server after the other lives. */
async function startLife(test: TestContext, notes: FaultNotes) {
  const simulator = await startSimulator();
  test.onTestFinished(() => simulator.stop());
  const meter = new StanzaMeter(simulator);
  test.onTestFinished(async () => meter.end());
  const token = randomUUID();
  const folder = await temporaryFolder(test);
  const settings = {
    // What was compiled once need not be again.
    NODE_COMPILE_CACHE: join(folder, "compiled"),
    WUTS_PORT: "0",
    WUTS_DATA_DIR: join(folder, "data"),
    WUTS_BOOTSTRAP_TOKEN: token,
    WUTS_WHATSAPP_URL: simulator.url,
    WUTS_LOG_LEVEL: "error",
    WUTS_RECONNECT_MIN_MS: "1",
    WUTS_RECONNECT_MAX_MS: "20",
    WUTS_RATE_LIMIT_TOKEN: "0",
    WUTS_RATE_LIMIT_USER: "0",
    WUTS_RATE_LIMIT_TENANT: "0",
    WUTS_RATE_LIMIT_DEVICE: "0",
  };
  const newServer = () => startServerProcess(test, settings, [readyServer]);
  const begin = async (ready: ServerProcess) => {
    ready.tell("start");
    return { process: ready, url: await ready.listening };
  };
  let server = await begin(newServer());
  // Loads while the other one works.
  let spare = newServer();
  const friends: [Account, ...Account[]] = [
    simulator.addAccount({ phone: "5511999999990", name: "Ana", picture: { id: "1700000000" } }),
    simulator.addAccount({ phone: "5511999999991", name: "Bia", picture: { id: "1700000001" } }),
  ];
  const ask = (path: string, options: CallOptions = {}): Promise<Answer> =>
    call(`${server.url}${path}`, { token, ...options });

  let device = "";
  let phones = 0;
  let owner = simulator.addAccount({ phone: "5511900000000" });
  let isPaired = false;
  const messages = watchMessages(simulator);
  const linked = new Set<string>();
  simulator.events.on("paired", ({ phone }) => linked.add(phone));

  const state = async () => textAt(dataOf(await ask(`/status?device_id=${device}`)), "state");
  const untilState = (...wanted: readonly string[]) =>
    until(`the device to be ${wanted.join(" or ")}`, async () => {
      const seen = await state();
      return { found: wanted.includes(seen) ? seen : undefined, seen };
    });
  const showQr = async () => textAt(dataOf(await ask(`/qr?device_id=${device}`)), "qr_code");
  const kill = async () => {
    await server.process.end("SIGKILL");
  };
  /** Requests to a server that is killed get no response. */
  const unanswered = (asking: Promise<Answer>) => asking.then(notes.answer.bind(notes), () => undefined);

  return {
    get isPaired() {
      return isPaired;
    },

    /** Pairs another phone, and kills the server at that moment, or when it is connected. */
    async pairUntil(moment: Moment) {
      if (device !== "") dataOf(await ask(`/devices/${device}`, { method: "DELETE" }));
      messages.forget();
      phones += 1;
      owner = simulator.addAccount({
        phone: `${5_511_900_000_000 + phones}`,
        contacts: friends.map(({ phone }, index) => ({ phone, fullName: `Friend ${index}` })),
      });
      isPaired = false;
      device = textAt(
        dataOf(await ask("/devices", { method: "POST", body: { name: owner.phone } }), 201),
        "id",
      );
      const text = await showQr();
      const killed = atMoment(simulator, moment, owner.phone).then(kill);
      // The phone says that it could not link the device, when it could not.
      owner.scanQr(text).catch(() => undefined);
      await killed;
    },

    /** Lets friends write and callers ask, and kills the server at that moment. */
    async talkUntil(moment: Moment, random: Random) {
      const killed = atMoment(simulator, moment, owner.phone).then(kill);
      const count = random.between(1, 6);
      for (let message = 0; message < count; message += 1) {
        await messages.send(random.pick(friends), owner);
        const path = random.pick([
          `/contacts/profile-picture?number=${random.pick(friends).phone}`,
          `/contacts/profile?number=${random.pick(friends).phone}`,
          "/contacts",
          "/status",
        ]);
        void unanswered(ask(`${path}${path.includes("?") ? "&" : "?"}device_id=${device}`));
      }
      await killed;
    },

    /** @returns how the device came back */
    async startAgain(random: Random): Promise<"logged in again" | "paired again"> {
      if (isPaired && random.between(0, 1) === 1) await messages.send(random.pick(friends), owner);
      server = await begin(spare);
      spare = newServer();
      if (linked.has(owner.phone)) {
        await untilState("connected");
        isPaired = true;
        assert.equal(owner.devices.length, 1);
        return "logged in again";
      }
      // WhatsApp does not know it. It may believe that it is linked, and be told otherwise.
      await until("the device to know that it is not linked", async () => {
        const restoring = at(dataOf(await ask("/health/ready")), "restoring");
        const seen = await state();
        const isSettled = restoring === false && ["unpaired", "logged_out"].includes(seen);
        return { found: isSettled || undefined, seen: [restoring, seen] };
      });
      await owner.scanQr(await showQr());
      await untilState("connected");
      isPaired = true;
      assert.equal(owner.devices.length, 1);
      return "paired again";
    },

    /** Every message of this device's life is read, one that comes now, and what its phone told it of contacts. */
    async checkMessages() {
      for (const friend of friends) await messages.send(friend, owner);
      await messages.allRead();
      dataOf(
        notes.answer(await ask(`/contacts/profile-picture?number=${friends[0].phone}&device_id=${device}`)),
      );
      await until("the contacts of the phone", async () => {
        const contacts = listAt(dataOf(await ask(`/contacts?device_id=${device}`)), "items");
        const names = contacts.map((contact) => at(contact, "full_name"));
        return {
          found: names.includes("Friend 0") && names.includes("Friend 1") ? names : undefined,
          seen: contacts,
        };
      });
    },
  };
}

/** Resolves at the moment; when what it waits for does not come, a while later: then all is over. */
async function atMoment(simulator: Simulator, moment: Moment, phone: string): Promise<void> {
  if ("afterMs" in moment) {
    await setTimeout(moment.afterMs);
    return;
  }
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  let stanzas = 0;
  const count = ({ stanza: { tag, attrs } }: { stanza: { tag: string; attrs: Record<string, string> } }) => {
    stanzas += 1;
    const kind = [tag, attrs.xmlns, attrs.type].filter((part) => part).join(" ");
    if ("stanzas" in moment ? stanzas >= moment.stanzas : "kind" in moment && kind === moment.kind) resolve();
  };
  const happened = (event: { readonly phone: string }) => {
    if (event.phone === phone) resolve();
  };
  simulator.events.on("stanza", count);
  if ("event" in moment) simulator.events.on(moment.event, happened);
  const tooLong = new AbortController();
  await Promise.race([
    reached,
    setTimeout(3_000, undefined, { signal: tooLong.signal }).catch(() => undefined),
  ]);
  tooLong.abort();
  simulator.events.off("stanza", count);
  if ("event" in moment) simulator.events.off(moment.event, happened);
  if ("thenMs" in moment && moment.thenMs > 0) await setTimeout(moment.thenMs);
}

/** Sends messages, and hears which were read. */
function watchMessages(simulator: Simulator) {
  const waiting = new Set<string>();
  const bad: unknown[] = [];
  /** Was on its way when a server was killed, so that it may come twice. */
  simulator.events.on("stanza", ({ stanza: { tag, attrs } }) => {
    if (tag === "receipt" && attrs.type === "retry") bad.push(attrs);
    if (tag === "receipt" && attrs.type !== "retry") waiting.delete(attrs.id ?? "");
    if (tag !== "ack" || attrs.class !== "message") return;
    // 487: its key was used before, by the server that was killed before it could say so.
    if (attrs.error !== undefined && attrs.error !== "487") bad.push(attrs);
    waiting.delete(attrs.id ?? "");
  });
  return {
    async send(from: Account, to: Account) {
      // An account with a device that has no keys yet cannot be written to.
      if (to.devices.some(({ preKeyCount }) => preKeyCount === 0)) return;
      waiting.add(await from.sendMessage(to.phone, { conversation: "Are you there?" }));
    },
    forget: () => waiting.clear(),
    async allRead() {
      await until("all messages to be read", async () => {
        assert.deepEqual(bad, [], "a message could not be read");
        return { found: waiting.size === 0 || undefined, seen: [...waiting] };
      });
      assert.deepEqual(bad, [], "a message could not be read");
    },
  };
}
