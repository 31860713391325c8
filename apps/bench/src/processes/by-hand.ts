import {
  type AuthenticationState,
  getBinaryNodeChild,
  initAuthCreds,
  makeWASocket,
  type WASocket,
} from "@whiskeysockets/baileys";
import { silentLogger } from "@wuts/whatsapp-simulator";
import express from "express";
import { numbers } from "../accounts.ts";
import { keysInMemory } from "./keys-in-memory.ts";
import { answer, tell } from "./parent.ts";
import { urlOf } from "./url.ts";
import "./usage.ts";

const [, , waWebSocketUrl = ""] = process.argv;
const auth: AuthenticationState = { creds: initAuthCreds(), keys: keysInMemory() };
let sock: WASocket = connect();

function connect(): WASocket {
  const opening = makeWASocket({ auth, waWebSocketUrl, logger: silentLogger() });
  opening.ev.on("connection.update", ({ qr, connection }) => {
    if (qr) tell("qr", qr);
    if (connection === "open") void listen();
    if (connection === "close") sock = connect();
  });
  return opening;
}

const app = express();

app.get("/picture", async (request, response) => {
  const url = await sock.profilePictureUrl(`${request.query.number}@s.whatsapp.net`, "image");
  response.json({ url });
});

// The same without what profilePictureUrl adds: what Express and the socket cost at the least.
app.get("/query", async (request, response) => {
  response.json({ url: await pictureUrl(String(request.query.number)) });
});

async function pictureUrl(number: string): Promise<string | undefined> {
  const reply = await sock.query({
    tag: "iq",
    attrs: {
      to: "@s.whatsapp.net",
      type: "get",
      xmlns: "w:profile:picture",
      target: `${number}@s.whatsapp.net`,
    },
    content: [{ tag: "picture", attrs: { type: "image", query: "url" } }],
  });
  return getBinaryNodeChild(reply, "picture")?.attrs.url;
}

// The query alone, one after the other in each of so many loops.
answer("queries", async (text) => {
  const { atOnce, seconds, requests } = JSON.parse(text);
  const until = performance.now() + (seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const latencies: number[] = [];
  let asked = 0;
  const loop = async (first: number) => {
    for (let index = first; performance.now() < until && !(asked >= requests); index += atOnce) {
      asked += 1;
      const askedAt = performance.now();
      if (!(await pictureUrl(numbers[index % numbers.length] ?? ""))) throw new Error("no picture");
      latencies.push(performance.now() - askedAt);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: atOnce }, (_, first) => loop(first)));
  const answersPerSecond = (latencies.length * 1000) / (performance.now() - startedAt);
  return JSON.stringify({ answersPerSecond, latencies });
});

async function listen(): Promise<void> {
  tell("url", await urlOf(app));
}
