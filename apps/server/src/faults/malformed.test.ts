import assert from "node:assert/strict";
import type { FrameKind } from "@wuts/whatsapp-simulator";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { assertRefused, at, dataOf, textAt } from "../test-support/call.ts";
import { faultsOf } from "../test-support/faults/fault.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const fault = faultsOf("WhatsApp sends nonsense");
const owner = "5511900000000";
const other = "5511900000001";
const ana = "5511999999999";

let world: World;
let [device, bystander] = ["", ""];
beforeAll(async () => {
  world = await startWorld();
  for (const phone of [owner, other]) world.simulator.addAccount({ phone });
  world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
  device = await world.pairedDevice(owner);
  bystander = await world.pairedDevice(other);
  await world.restartServer({
    WUTS_PROBE_INTERVAL_MS: "300",
    WUTS_PROBE_TIMEOUT_MS: "1000",
    WUTS_WHATSAPP_TIMEOUT_MS: "700",
    WUTS_CONNECT_TIMEOUT_MS: "1500",
  });
  for (const id of [device, bystander]) await world.untilState(id, "connected");
});
afterEach(() => world.simulator.faults.reset());
afterAll(() => world.stop());

const look = (id: string) => world.call(`/contacts/profile-picture?number=${ana}&device_id=${id}`);
/** Counts how often the bystander was disturbed. */
const disturbances = () => {
  let count = 0;
  const notice = ({ phone }: { readonly phone: string | undefined }) => {
    if (phone === other) count += 1;
  };
  world.simulator.events.on("disconnected", notice);
  return () => {
    world.simulator.events.off("disconnected", notice);
    return count;
  };
};
/** The device reads what contacts write to it. */
const assertReads = async () => {
  const receipts = new Map<string, string | undefined>();
  const { events } = world.simulator;
  const note = ({
    stanza: { tag, attrs },
  }: {
    readonly stanza: { readonly tag: string; readonly attrs: Record<string, string> };
  }) => {
    if (tag === "receipt" || tag === "ack") receipts.set(attrs.id ?? "", attrs.type ?? attrs.error);
  };
  events.on("stanza", note);
  const id = await world.simulator.account(ana).sendMessage(owner, { conversation: "Are you there?" });
  await until("a receipt", async () => ({ found: receipts.has(id) || undefined, seen: [...receipts] }));
  events.off("stanza", note);
  assert.equal(receipts.get(id), "inactive");
};

describe("A frame that is no stanza", () => {
  const frames: Record<FrameKind, string> = {
    truncated: "is shorter than it says",
    undecryptable: "does not decrypt",
    empty: "is empty",
    huge: "has 16 MB, and does not decrypt",
    "no-stanza": "decrypts to bytes that are no stanza",
    "no-plaintext": "decrypts to nothing",
    "not-compressed": "says that it is compressed, and is not",
    inflated: "decompresses to 64 MB that are no stanza",
    text: "is text",
  };
  for (const [kind, what] of Object.entries(frames) as [FrameKind, string][]) {
    fault(`a frame that ${what}`, async (_test, notes) => {
      const disturbed = disturbances();
      const back = nextEvent(world.simulator.events, "login", ({ phone }) => phone === owner);
      assert.equal(world.simulator.faults.sendFrame(owner, kind), 1);
      const answer = notes.answer(await look(device));
      if (answer.status === 504) assertRefused(answer, 504, "WHATSAPP_TIMEOUT");
      else if (answer.status !== 200) assertRefused(answer, 503, "DEVICE_NOT_READY");
      await back;
      notes.end(await world.untilState(device, "connected"), "by itself, on a new connection");
      dataOf(await look(device));
      dataOf(await look(bystander));
      assert.equal(disturbed(), 0);
    });
  }

  for (const [what, bytes] of [
    ["an HTTP error", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["a frame that is no handshake", Buffer.from([0, 0, 4, 1, 2, 3, 4])],
    ["a handshake without keys", Buffer.from([0, 0, 2, 0x1a, 0])],
    ["a frame without bytes", Buffer.from([0, 0, 0])],
  ] as const) {
    fault(`${what} in place of the handshake of a login`, async (_test, notes) => {
      const undo = world.simulator.faults.garbleHandshake(bytes);
      let ends = 0;
      const thrice = nextEvent(world.simulator.events, "disconnected", ({ phone }) => {
        ends += phone === undefined ? 1 : 0;
        return ends === 2;
      });
      world.simulator.faults.close(owner, "tcp-drop");
      await thrice;
      undo();
      notes.times = 2;
      notes.end(await world.untilState(device, "connected"), "by itself");
      dataOf(notes.answer(await look(device)));
    });

    fault(`${what} in place of the handshake of a pairing`, async (_test, notes) => {
      const fresh = await world.createDevice();
      const undo = world.simulator.faults.garbleHandshake(bytes);
      const answer = notes.answer(await world.call(`/qr?device_id=${fresh}`));
      assert.ok(
        ["WHATSAPP_UNREACHABLE", "WHATSAPP_TIMEOUT"].includes(textAt(answer.body, "error_code")),
        JSON.stringify(answer),
      );
      undo();
      dataOf(await world.call(`/qr?device_id=${fresh}`));
      notes.end(dataOf(await world.call(`/status?device_id=${fresh}`)), "with a QR code");
      dataOf(await world.call(`/devices/${fresh}`, { method: "DELETE" }));
    });
  }

  fault("a frame that does not decrypt, while a QR code waits to be scanned", async (_test, notes) => {
    const fresh = await world.createDevice();
    dataOf(notes.answer(await world.call(`/qr?device_id=${fresh}`)));
    world.simulator.faults.sendFrameToAll("undecryptable");
    await world.untilState(fresh, "unpaired");
    dataOf(notes.answer(await world.call(`/qr?device_id=${fresh}`)));
    notes.end(dataOf(await world.call(`/status?device_id=${fresh}`)), "with another QR code");
    dataOf(await world.call(`/devices/${fresh}`, { method: "DELETE" }));
    for (const id of [device, bystander]) await world.untilState(id, "connected");
  });
});

describe("A stanza that is not as it should be", () => {
  const from = `${ana}@s.whatsapp.net`;
  const bytes = new Uint8Array([1, 2, 3]);
  const stanzas = {
    "of an unknown tag": [{ tag: "nonsense", attrs: {} }],
    "without attributes, of every tag that there is": [
      "message",
      "receipt",
      "notification",
      "call",
      "ack",
      "ib",
      "iq",
      "presence",
      "chatstate",
      "success",
    ].map((tag) => ({ tag, attrs: {} })),
    "that says it is the answer to a question that was not asked": [
      { tag: "iq", attrs: { id: "nobody-asked", type: "result" } },
      { tag: "iq", attrs: { id: "", type: "error" }, content: [{ tag: "error", attrs: {} }] },
    ],
    "that is a message without sender, without content, or with content that is none": [
      { tag: "message", attrs: { id: "A1", type: "text", t: "1" } },
      { tag: "message", attrs: { id: "A2", from, type: "text", t: "never" } },
      { tag: "message", attrs: { id: "A3", from: "nobody", type: "text", t: "1" } },
      { tag: "message", attrs: { id: "A4", from, type: "text", t: "1" }, content: "text" },
      ...["msg", "pkmsg", "skmsg", "unknown"].flatMap((type, index) => [
        {
          tag: "message",
          attrs: { id: `B${index}`, from, type: "text", t: "1" },
          content: [{ tag: "enc", attrs: { v: "2", type }, content: bytes }],
        },
        {
          tag: "message",
          attrs: { id: `C${index}`, from, type: "text", t: "1", offline: "0" },
          content: [{ tag: "enc", attrs: { v: "2", type } }],
        },
      ]),
    ],
    "that is a notification without what it tells": [
      "picture",
      "account_sync",
      "privacy_token",
      "server_sync",
      "encrypt",
      "devices",
      "w:gp2",
      "mediaretry",
      "link_code_companion_reg",
      "newsletter",
      "unknown",
    ].flatMap((type, index) => [
      { tag: "notification", attrs: { id: `N${index}`, type, from, t: "1" } },
      { tag: "notification", attrs: { id: `M${index}`, type }, content: [{ tag: "set", attrs: {} }] },
    ]),
    "that asks for a pairing of a device that is paired": [
      {
        tag: "iq",
        attrs: { id: "P1", type: "set", from: "@s.whatsapp.net" },
        content: [{ tag: "pair-device", attrs: {}, content: [{ tag: "ref", attrs: {} }] }],
      },
      { tag: "iq", attrs: { type: "set" }, content: [{ tag: "pair-device", attrs: {} }] },
    ],
  };
  for (const [what, all] of Object.entries(stanzas)) {
    fault(`a stanza ${what}`, async (_test, notes) => {
      const disturbed = disturbances();
      notes.times = all.length;
      for (const stanza of all) {
        world.simulator.faults.sendStanza(owner, stanza);
        const answer = notes.answer(await look(device));
        if (answer.status !== 200) assertRefused(answer, 503, "DEVICE_NOT_READY");
      }
      notes.end(await world.untilState(device, "connected"), "and reads messages");
      await assertReads();
      assert.equal(disturbed(), 0);
    });
  }

  fault("a stanza that says that the pairing went well, to a device that is paired", async (_test, notes) => {
    world.simulator.faults.sendStanza(owner, {
      tag: "iq",
      attrs: { id: "P2", type: "set", from: "@s.whatsapp.net" },
      content: [{ tag: "pair-success", attrs: {} }],
    });
    const answer = notes.answer(await look(device));
    if (answer.status !== 200) assertRefused(answer, 503, "DEVICE_NOT_READY");
    notes.end(await world.untilState(device, "connected"), "by itself");
    await assertReads();
  });
});

describe("An answer of another shape than the question has", () => {
  const shapes = {
    "without content": [],
    "with an unknown element": [{ tag: "nonsense", attrs: {} }],
    "with bytes where elements should be": [
      { tag: "picture", attrs: {}, content: new Uint8Array([1, 2, 3]) },
      { tag: "usync", attrs: {}, content: new Uint8Array([1, 2, 3]) },
      { tag: "list", attrs: {}, content: "text" },
    ],
    "with elements without attributes": [
      { tag: "picture", attrs: {} },
      {
        tag: "usync",
        attrs: {},
        content: [{ tag: "list", attrs: {}, content: [{ tag: "user", attrs: {} }] }],
      },
      { tag: "list", attrs: {}, content: [{ tag: "item", attrs: {} }] },
    ],
    "with an error that is none": [
      { tag: "picture", attrs: {}, content: [{ tag: "error", attrs: { code: "many" } }] },
      { tag: "error", attrs: {} },
    ],
  };
  const questions = [
    `/contacts/profile-picture?number=${ana}`,
    `/contacts/profile?number=${ana}`,
    "/contacts/blocklist",
    "POST /contacts/check",
    "POST /appstate/sync",
    "DELETE /profile/picture",
  ];
  for (const [what, content] of Object.entries(shapes)) {
    fault(`an answer ${what}, to every question`, async (_test, notes) => {
      world.simulator.faults.malformed((stanza) => stanza.attrs.xmlns !== "w:p", content);
      notes.times = questions.length;
      for (const question of questions) {
        const [path = "", method = "GET"] = question.split(" ").reverse();
        const url = `${path}${path.includes("?") ? "&" : "?"}device_id=${device}`;
        const body = path === "/contacts/check" ? { numbers: [ana] } : {};
        const options = { method, ...(method === "POST" && { body }) };
        const answer = notes.answer(await world.call(url, options));
        // Some shapes mean something to some questions: no list is an empty one, and no picture is none.
        const isUnderstood = answer.status === 200 || answer.status === 404;
        if (!isUnderstood) assertRefused(answer, 502, "WHATSAPP_ERROR");
      }
      // A login that is answered like that is one, or is tried again; either ends when the answers are good again.
      world.simulator.faults.close(owner, "tcp-drop");
      await nextEvent(world.simulator.events, "login", ({ phone }) => phone === owner);
      world.simulator.faults.reset();
      notes.end(await world.untilState(device, "connected"), "by itself");
      dataOf(await look(device));
      assert.equal(at(dataOf(await world.call(`/status?device_id=${bystander}`)), "state"), "connected");
    });
  }
});
