import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { createWuts } from "@wuts/client";
import { answer } from "./parent.ts";

/** A client with a token that tries to harm the other clients of the server. */
interface Attacker {
  readonly url: string;
  readonly token: string;
  readonly userId: string;
  /** Paired and connected. */
  readonly deviceId: string;
  /** PNG, in base64, as large in pixels as its file is small. */
  readonly picture: string;
}

/** The outcome of an attack: the number of requests by kind of response. */
type Outcome = Record<string, number>;

/** Each is bounded, and over when its requests are answered. */
const attacks: Readonly<Record<string, (attacker: Attacker) => Promise<Outcome>>> = {
  "long values": async (attacker) => {
    const post = poster(attacker);
    const unknown = Object.fromEntries(Array.from({ length: 6_000 }, (_, index) => [`key${index}`, 1]));
    return counted(
      Array.from({ length: 10 }).flatMap(() => [
        post("/contacts/check", { numbers: ["-".repeat(100_000)] }),
        post("/devices", { name: `${"a".repeat(100_000)}\u0000` }),
        post("/devices", { name: "x", ...unknown }),
      ]),
    );
  },

  "150 bodies of 7 MB, each a byte short": async ({ url, token, deviceId }) => {
    const { hostname, port } = new URL(url);
    const bytes = Buffer.alloc(1_000_000, 65);
    const outcome: Outcome = {};
    await Promise.all(
      Array.from({ length: 150 }, async () => {
        const socket = connect(Number(port), hostname);
        let received = "";
        socket.on("data", (chunk) => {
          received += chunk.toString("latin1");
        });
        socket.on("error", () => undefined);
        await once(socket, "connect");
        socket.write(
          `POST /profile/picture?device_id=${deviceId} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 7000000\r\n\r\n`,
        );
        for (let part = 0; part < 6 && socket.writable; part += 1) socket.write(bytes);
        socket.write(bytes.subarray(1));
        await setTimeout(5_000);
        socket.destroy();
        const status = /^HTTP\/1.1 (\d+)/.exec(received)?.[1] ?? "held";
        note(outcome, status);
      }),
    );
    return outcome;
  },

  "3,000 requests with 40 tokens of one user": async (attacker) => {
    const { url, userId } = attacker;
    const wuts = createWuts({ baseUrl: url, token: attacker.token, retries: 0 });
    const tokens: string[] = [];
    for (let index = 0; index < 40; index += 1)
      tokens.push((await wuts.tokens.create({ user_id: userId, name: `${index}` })).token);
    return inTurns(3_000, 100, (index) => get({ url, token: tokens[index % tokens.length] ?? "" }, "/me"));
  },

  "2,000 devices": (attacker) =>
    inTurns(2_000, 50, (index) => poster(attacker)("/devices", { name: `${index}` })),

  "200 pairings": async (attacker) => {
    const devices = await makeDevices(attacker);
    return inTurns(200, 50, (index) =>
      get(attacker, `/qr?refresh=true&device_id=${devices[index % devices.length]}`),
    );
  },

  "40 phones asked for pairing codes": async (attacker) => {
    const devices = await makeDevices(attacker);
    return inTurns(40, 10, (index) =>
      poster(attacker)(`/paircode?device_id=${devices[index % devices.length]}`, {
        number: `${5_531_900_000_000 + index}`,
      }),
    );
  },

  "200 users": (attacker) =>
    inTurns(200, 50, (index) =>
      poster(attacker)("/users", {
        email: `${index}@example.com`,
        role: "user",
      }),
    ),

  "60 pictures to scale": (attacker) =>
    inTurns(60, 30, () =>
      poster(attacker)(`/profile/picture?device_id=${attacker.deviceId}`, { image: attacker.picture }),
    ),

  "1,000 lists at once": (attacker) => inTurns(1_000, 1_000, () => get(attacker, "/devices?limit=100")),

  "15,000 numbers": (attacker) =>
    inTurns(30, 10, (index) =>
      poster(attacker)(`/contacts/check?device_id=${attacker.deviceId}`, {
        numbers: Array.from({ length: 500 }, (_, place) => `${5_521_000_000_000 + index * 500 + place}`),
      }),
    ),
};

answer("attacks", () => JSON.stringify(Object.keys(attacks)));
answer("attack", async (text) => {
  const { name, ...attacker }: Attacker & { readonly name: string } = JSON.parse(text);
  return JSON.stringify(await attacks[name]?.(attacker));
});

/** Makes devices to pair. @returns their ids */
async function makeDevices({ url, token }: Attacker): Promise<string[]> {
  const wuts = createWuts({ baseUrl: url, token });
  const made = Array.from({ length: 60 }, (_, index) => wuts.devices.create({ name: `${index}` }));
  return (await Promise.all(made)).map(({ id }) => id);
}

function get({ url, token }: Pick<Attacker, "url" | "token">, path: string): Promise<Response> {
  return fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
}

function poster({ url, token }: Pick<Attacker, "url" | "token">) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return (path: string, body: object) =>
    fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Sends so many requests, so many at once. */
async function inTurns(
  count: number,
  atOnce: number,
  ask: (index: number) => Promise<Response>,
): Promise<Outcome> {
  let next = 0;
  const outcome: Outcome = {};
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) {
        const index = next;
        next += 1;
        note(outcome, await statusOf(ask(index)));
      }
    }),
  );
  return outcome;
}

async function counted(asking: readonly Promise<Response>[]): Promise<Outcome> {
  const outcome: Outcome = {};
  for (const each of asking) note(outcome, await statusOf(each));
  return outcome;
}

async function statusOf(asking: Promise<Response>): Promise<string> {
  try {
    const response = await asking;
    await response.arrayBuffer();
    return `${response.status}`;
  } catch {
    return "no answer";
  }
}

function note(outcome: Outcome, status: string): void {
  outcome[status] = (outcome[status] ?? 0) + 1;
}
