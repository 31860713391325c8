import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeWASocket, useMultiFileAuthState, type WASocket } from "@whiskeysockets/baileys";
import { silentLogger, startSimulator } from "@wuts/whatsapp-simulator";

// The accounts of this WhatsApp.
const simulator = await startSimulator();
const ana = simulator.addAccount({ phone: "5511999999999", name: "Ana" });
const bia = simulator.addAccount({ phone: "5511888888888", name: "Bia", picture: { id: "1700000000" } });

// An unmodified Baileys socket; only the URL is not WhatsApp's.
const folder = await mkdtemp(join(tmpdir(), "whatsapp-simulator-"));
const { state, saveCreds } = await useMultiFileAuthState(folder);
const connect = () => {
  const sock = makeWASocket({ auth: state, waWebSocketUrl: simulator.url, logger: silentLogger() });
  sock.ev.on("creds.update", saveCreds);
  return sock;
};

const until = (sock: WASocket, state: "open" | "close") =>
  new Promise<void>((resolve) =>
    sock.ev.on("connection.update", ({ connection }) => connection === state && resolve()),
  );

// Ana scans the QR code. The server asks Baileys to reconnect (515), and it logs in.
const pairing = connect();
pairing.ev.on("connection.update", ({ qr }) => qr && ana.scanQr(qr));
await until(pairing, "close");
const sock = connect();
await until(sock, "open");

// Questions get answers, and the picture's URL serves its bytes.
const url = await sock.profilePictureUrl(bia.jid, "image", 1_000);
const picture = await fetch(url ?? "");
console.log(picture.status, picture.headers.get("content-type"));

// Messages are really encrypted: Bia's phone decrypts this one.
await sock.sendMessage(bia.jid, { text: "Oi!" });
const { message } = await bia.waitForMessage();
console.log(message.extendedTextMessage?.text);

// What goes wrong is said in one line, and undone in another.
const undo = simulator.faults.answerError("iq w:profile:picture get", 429);
await sock.profilePictureUrl(bia.jid, "image", 1_000).catch((error) => console.log(error.message));
undo();
console.log("picture queries:", simulator.received.get("iq w:profile:picture get"));

await sock.end(undefined);
await simulator.stop();
// Baileys may still be writing into it.
await rm(folder, { recursive: true, maxRetries: 5 });
process.exit(); // Baileys leaves a 30-second timer behind; the simulator leaves nothing.
