import { once } from "node:events";
import { startSimulator } from "@wuts/whatsapp-simulator";
import { numbers, owner } from "../people.ts";
import { answer, beforeTheEnd, tell } from "./parent.ts";

const simulator = await startSimulator();
beforeTheEnd(() => simulator.stop());
const phone = simulator.addAccount({ phone: owner });
for (const [index, number] of numbers.entries()) {
  simulator.addAccount({ phone: number, picture: { id: String(1_700_000_000 + index) } });
}

answer("scan", async (qrText) => {
  const login = once(simulator.events, "login");
  await phone.scanQr(qrText);
  await login;
  return "logged in";
});
answer("picture queries", () => String(simulator.received.get("iq w:profile:picture get")));
tell("url", simulator.url);
