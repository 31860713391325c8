import { Curve } from "@whiskeysockets/baileys";
import { startSimulator } from "../simulator.ts";
import { NoiseClient } from "./noise-client.ts";

// A client of dictionary version 2 tries it twice, and the simulator's errors have no listener.
const simulator = await startSimulator();
for (let attempt = 0; attempt < 2; attempt++) {
  const client = await NoiseClient.connect(simulator.url);
  const disconnected = new Promise((resolve) => simulator.events.once("disconnected", resolve));
  await client.handshake({ key: Curve.generateKeyPair(), payload: {} }, undefined, Buffer.from("WA\x06\x02"));
  await client.closed;
  await disconnected;
}
await simulator.stop();
