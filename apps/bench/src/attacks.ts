/**
 * `npm run attacks`, or for some of them `npm run attacks -- <part of a name>…`: measures the harm that one tenant can do to
 * another on the same server, which has its usual limits. The attacks run one after the other from a process of their own,
 * while another tenant asks for its devices and for pictures; the longest time that it waited is the pause that they caused.
 * Everything is on loopback, bounded, and stops by itself. Exits with 1 when a pause was too long.
 */

import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { createWuts } from "@wuts/client";
import sharp from "sharp";
import { numbers } from "./accounts.ts";
import { Processes } from "./processes/processes.ts";
import { startOurServer, startSimulator } from "./servers.ts";

/** How long another tenant may have to wait, in milliseconds, on two cores. */
const longestPauseMs = 250;
/** Tokens of the other tenant, so that its own limits are out of reach. */
const victims = 10;

/** One of so many requests of the other tenant is for a picture, of which its device may ask for some in a minute only. */
const picturesOneIn = 8;

/** The phones that the attackers' devices are linked to. */
const phones = Array.from({ length: 100 }, (_, index) => `${5_511_700_000_000 + index}`).values();

const stopping = new AbortController();
const processes = new Processes(stopping.signal);
try {
  const simulator = await startSimulator(processes);
  const masterToken = randomUUID();
  const usual = ["TOKEN", "USER", "TENANT", "DEVICE"];
  const settings = [
    `WUTS_MASTER_TOKEN=${masterToken}`,
    "WUTS_LOG_LEVEL=silent",
    // Nothing is the same as not set; the other benchmarks have no limits.
    ...usual.map((of) => `WUTS_RATE_LIMIT_${of}=`),
  ];
  const server = await startOurServer(processes, simulator, stopping.signal, { settings });
  const { url } = server.variant;
  const tokens: string[] = [];
  for (let index = 0; index < victims; index += 1) {
    const email = `victim-${index}@example.com`;
    const made = await server.wuts.users.create({ email, role: "admin" });
    tokens.push(made.token);
  }

  const picture = await sharp({ create: { width: 6_000, height: 6_000, channels: 3, background: "red" } })
    .png()
    .toBuffer();

  const attacker = processes.start("attacker");
  const all: string[] = JSON.parse(await attacker.ask("attacks"));
  const wanted = process.argv.slice(2);
  const names = all.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
  const rows = [await measured("nothing", () => setTimeout(5_000, "{}"))];
  for (const name of names) {
    const attacking = { name, url, picture: picture.toString("base64"), ...(await newAttacker(name)) };
    rows.push(await measured(name, () => attacker.ask("attack", JSON.stringify(attacking))));
  }
  for (const { name, pauseMs, outcome } of rows)
    process.stdout.write(`${`${pauseMs} ms`.padStart(8)}  ${name}  ${outcome}\n`);
  if (rows.some(({ pauseMs }) => pauseMs > longestPauseMs)) process.exitCode = 1;

  /** A tenant that has sent nothing yet, so that its limits are those of a minute that begins. */
  async function newAttacker(name: string) {
    const { token, user } = await createWuts({ baseUrl: url, token: masterToken }).tenants.register({
      tenant_name: name,
      email: "admin@example.com",
    });
    const wuts = createWuts({ baseUrl: url, token });
    const { qr_code, device_id: deviceId } = await wuts.session.generateQrCode();
    await simulator.child.ask("scan", `${phones.next().value} ${qr_code}`);
    await wuts.session.connect({ device_id: deviceId });
    return { token, userId: user.id, deviceId };
  }

  /** Asks as the other tenant while something is done. @returns how long it waited at most */
  async function measured(name: string, attack: () => Promise<string>) {
    let isOver = false;
    const attacking = attack().finally(() => {
      isOver = true;
    });
    let pauseMs = 0;
    for (let index = 0; !isOver; index += 1) {
      const askedAt = performance.now();
      const path =
        index % picturesOneIn > 0
          ? "/devices"
          : `/contacts/profile-picture?device_id=${server.deviceId}&number=${numbers[index % numbers.length]}`;
      const answer = await fetch(url + path, {
        headers: { authorization: `Bearer ${tokens[index % tokens.length]}` },
      });
      await answer.arrayBuffer();
      if (answer.status >= 400) {
        await attacking;
        throw new Error(`the other tenant is answered ${answer.status} during ${name}`);
      }
      pauseMs = Math.max(pauseMs, Math.ceil(performance.now() - askedAt));
      await setTimeout(25);
    }
    return { name, pauseMs, outcome: await attacking };
  }
} finally {
  await processes.stop();
}
