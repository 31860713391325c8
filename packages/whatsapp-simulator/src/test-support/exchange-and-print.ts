import "@wuts/testing/baileys-timers";
import { startSimulator } from "../simulator.ts";
import { pairAndLogIn } from "./baileys-client.ts";

// The phone has a session with the device, and the device answers with a new one: libsignal closes the first,
// which is when it would print it.
const simulator = await startSimulator();
simulator.addAccount({ phone: "5511900000001" });
const carol = simulator.addAccount({ phone: "5511900000003" });
const client = await pairAndLogIn(simulator, "5511900000001");
await carol.sendMessage("5511900000001", { conversation: "hi" });
await client.nextMessage();
await client.sock.sendMessage(carol.jid, { text: "hello" });
await carol.waitForMessage();
await client.end();
await simulator.stop();
console.info("info of ours");
console.warn("warning of ours");
