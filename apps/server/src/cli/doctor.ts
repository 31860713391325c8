import { readUsableConfig } from "../config/config.ts";
import type { KeyRing } from "../storage/encryption/key-ring.ts";
import { reachWhatsApp } from "../whatsapp/socket/reachability.ts";
import { checkDataFolder } from "./checks/data-folder.ts";
import { checkDatabase } from "./checks/database.ts";
import { type Finding, fail, warn } from "./checks/finding.ts";
import { checkNode } from "./checks/node.ts";
import { checkSecretKey } from "./checks/secret-key.ts";
import { checkSettings } from "./checks/settings.ts";
import { checkClock, checkReachability } from "./checks/whatsapp.ts";
import type { Environment } from "./environment.ts";

type Found = { readonly check: Check } & Finding;
type Check = "node" | "settings" | "data" | "key" | "database" | "whatsapp" | "clock";

/**
 * Checks everything that a server depends on, changes nothing, and tells the operator what to do. Exit code 1 if a check
 * failed.
 */
export async function doctor(environment: Environment, asJson: boolean): Promise<void> {
  const found = await examine(environment);
  const healthy = found.every(({ status }) => status !== "fail");
  process.stdout.write(asJson ? `${JSON.stringify({ healthy, checks: found }, null, 2)}\n` : report(found));
  if (!healthy) process.exitCode = 1;
}

async function examine(environment: Environment): Promise<Found[]> {
  const { config, problems } = readUsableConfig(environment);
  const found: Found[] = [];
  const run = async (check: Check, examination: () => Finding[] | Promise<Finding[]>) => {
    const findings = await Promise.resolve()
      .then(examination)
      .catch((error: unknown) => [fail(error instanceof Error ? error.message : String(error))]);
    found.push(...findings.map((finding) => ({ check, ...finding })));
  };
  const isUnusable = (setting: string) => problems.has(setting) || problems.has(`${setting}_FILE`);
  // With a default in place of a bad setting, a check would test something other than the server uses.
  const notChecked = (setting: string) => [warn(`not checked: put ${setting} right first`)];

  await run("node", () => [checkNode()]);
  await run("settings", () => checkSettings(environment, new Set(problems.values())));
  await run("data", () => checkDataFolder(config.dataDir));
  let keyRing: KeyRing | undefined;
  await run("key", () => {
    if (isUnusable("WUTS_SECRET_KEY")) return notChecked("WUTS_SECRET_KEY");
    const checked = checkSecretKey(config);
    keyRing = checked.keyRing;
    return [checked.finding];
  });
  await run("database", () =>
    isUnusable("DATABASE_URL") ? notChecked("DATABASE_URL") : checkDatabase(config, keyRing),
  );
  if (isUnusable("WUTS_WHATSAPP_URL")) {
    for (const check of ["whatsapp", "clock"] as const)
      await run(check, () => notChecked("WUTS_WHATSAPP_URL"));
  } else {
    const reachability = await reachWhatsApp(config.whatsapp);
    await run("whatsapp", () => [checkReachability(reachability)]);
    await run("clock", () => [checkClock(reachability)]);
  }
  return found;
}

function report(found: readonly Found[]): string {
  const lines = found.map(({ check, status, message }) => `${status.padEnd(6)}${check.padEnd(10)}${message}`);
  const failed = found.filter(({ status }) => status === "fail").length;
  const end = failed === 0 ? "Nothing is wrong." : `${failed} to put right.`;
  return `${[...lines, "", end].join("\n")}\n`;
}
