import { once } from "node:events";
import { WebSocket } from "ws";
import { startSimulator } from "../simulator.ts";

// A whole life with nothing forgiven: waits under way, faults set, a client connected, sessions opened.
const simulator = await startSimulator();
const alice = simulator.addAccount({ phone: "5511900000001" });
simulator.addAccount({ phone: "5511900000002" });
await alice.sendMessage("5511900000002", { conversation: "hi" });
simulator.faults.latency(60_000);
const socket = new WebSocket(simulator.url);
await once(socket, "open");
socket.send(Buffer.from("WA\x06\x03\0\0\0"));
const waits = [alice.waitForMessage(undefined, 60_000), alice.enterPairingCode("ABCD2345")];
const closed = once(socket, "close");
await simulator.stop();
await simulator.stop();
const ends = await Promise.allSettled(waits);
await closed;
process.stdout.write(JSON.stringify(ends.map((end) => end.status === "rejected" && end.reason.name)));
