import {
  type AuthenticationState,
  getBinaryNodeChild,
  initAuthCreds,
  makeWASocket,
  type WASocket,
} from "@whiskeysockets/baileys";
import { silentLogger } from "@wuts/whatsapp-simulator";
import express from "express";
import { keysInMemory } from "./keys-in-memory.ts";
import { tell } from "./parent.ts";

const [, , waWebSocketUrl = ""] = process.argv;
const auth: AuthenticationState = { creds: initAuthCreds(), keys: keysInMemory() };
let sock: WASocket = connect();

function connect(): WASocket {
  const opening = makeWASocket({ auth, waWebSocketUrl, logger: silentLogger() });
  opening.ev.on("connection.update", ({ qr, connection }) => {
    if (qr) tell("qr", qr);
    if (connection === "open") listen();
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
  const target = `${request.query.number}@s.whatsapp.net`;
  const reply = await sock.query({
    tag: "iq",
    attrs: { to: "@s.whatsapp.net", type: "get", xmlns: "w:profile:picture", target },
    content: [{ tag: "picture", attrs: { type: "image", query: "url" } }],
  });
  response.json({ url: getBinaryNodeChild(reply, "picture")?.attrs.url });
});

function listen(): void {
  const server = app.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (typeof address === "object" && address) tell("url", `http://127.0.0.1:${address.port}`);
  });
}
