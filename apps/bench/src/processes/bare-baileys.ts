import { readFile } from "node:fs/promises";
import {
  type AuthenticationState,
  BufferJSON,
  makeWASocket,
  proto,
  type WASocket,
} from "@whiskeysockets/baileys";
import { silentLogger } from "@wuts/whatsapp-simulator";
import { numbers } from "../accounts.ts";
import type { Login } from "../logins.ts";
import { keysInMemory } from "./keys-in-memory.ts";
import "./memory.ts";
import { answer, tell } from "./parent.ts";
import { urlOf } from "./url.ts";
import "./usage.ts";

const [, , waWebSocketUrl = "", loginsFile = "", atOnce = ""] = process.argv;
const logins: Login[] = JSON.parse(await readFile(loginsFile, "utf8"));
const sockets: WASocket[] = [];

function connect(auth: AuthenticationState): Promise<WASocket> {
  const socket = makeWASocket({ auth, waWebSocketUrl, logger: silentLogger() });
  return new Promise((resolve) => {
    socket.ev.on("connection.update", ({ connection }) => {
      if (connection === "open") resolve(socket);
    });
  });
}

function authOf({ creds, keys }: Login): AuthenticationState {
  const store = keysInMemory();
  for (const { type, id, value } of keys) {
    const read = JSON.parse(value, BufferJSON.reviver);
    const isProto = type === "app-state-sync-key";
    store.set({ [type]: { [id]: isProto ? proto.Message.AppStateSyncKeyData.fromObject(read) : read } });
  }
  return { creds: JSON.parse(creds, BufferJSON.reviver), keys: store };
}

async function connectInTurn(waiting: Iterator<Login>): Promise<void> {
  for (let next = waiting.next(); !next.done; next = waiting.next()) {
    const socket = await connect(authOf(next.value));
    sockets.push(socket);
    if (sockets.length > 1) continue;
    await socket.profilePictureUrl(`${numbers[0]}@s.whatsapp.net`, "image");
    tell("picture", "answered");
  }
}

const waiting = logins.values();
await Promise.all(Array.from({ length: Number(atOnce) }, () => connectInTurn(waiting)));

// Answers pictures through each of the sockets, with the twenty lines that one would write. What only serves needs Express.
answer("serve", async () => {
  const { default: express } = await import("express");
  const app = express();
  app.get("/picture", async (request, response) => {
    const socket = sockets[Number(request.query.device_id)];
    const url = await socket?.profilePictureUrl(`${request.query.number}@s.whatsapp.net`, "image");
    response.json({ url });
  });
  return urlOf(app);
});
