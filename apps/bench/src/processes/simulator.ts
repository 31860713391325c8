import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { startSimulator } from "@wuts/whatsapp-simulator";
import { numbers, silentNumbers } from "../accounts.ts";
import { answer, beforeTheEnd, tell } from "./parent.ts";

/** The stored state of an earlier simulator, if there is a file with one. */
const [, , stateFile] = process.argv;
const state = stateFile === undefined ? undefined : JSON.parse(await readFile(stateFile, "utf8"));
const simulator = await startSimulator(state && { state });
beforeTheEnd(() => simulator.stop());
for (const [index, number] of numbers.entries()) {
  simulator.addAccount({ phone: number, picture: { id: String(1_700_000_000 + index) } });
}
for (const phone of silentNumbers) simulator.addAccount({ phone, pictureBehaviour: "silent" });

let undoLatency = () => {};

answer("latency", (milliseconds) => {
  undoLatency();
  undoLatency = simulator.faults.latency(Number(milliseconds), "iq w:profile:picture get");
  return "set";
});

answer("scan", async (phoneAndQr) => {
  const [phone = "", qrText = ""] = phoneAndQr.split(" ", 2);
  const login = once(simulator.events, "login");
  const known = simulator.accounts.find((account) => account.phone === phone);
  await (known ?? simulator.addAccount({ phone })).scanQr(qrText);
  await login;
  return "logged in";
});

// Answered when so many different devices have come to the last but one question of a login, the first one after they were
// let in.
answer("logins", async (count) => {
  const phones = new Set<string>();
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = ({
    stanza,
    connection,
  }: {
    stanza: { attrs: { xmlns?: string } };
    connection: { phone?: string | undefined };
  }) => {
    if (stanza.attrs.xmlns !== "passive" || connection.phone === undefined) return;
    phones.add(connection.phone);
    if (phones.size === Number(count)) resolve();
  };
  simulator.events.on("stanza", look);
  await promise;
  simulator.events.off("stanza", look);
  return "logged in";
});

answer("picture queries", () => String(simulator.received.get("iq w:profile:picture get")));
answer("state", () => JSON.stringify(simulator.snapshot()));
tell("url", simulator.url);
