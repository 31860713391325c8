import { rotateSecrets } from "../app/rotate-secrets.ts";
import { readConfig } from "../config/config.ts";
import { CommandFailed } from "./command-failed.ts";
import type { Environment } from "./environment.ts";

/** Rotates the keys and prints the result. @throws CommandFailed when rows are left under other keys */
export async function secretsRotate(environment: Environment): Promise<void> {
  const config = readConfig(environment);
  const { rows, keyId, dropped, left } = await rotateSecrets(config);
  const [place, others] = config.secretKeys
    ? ["WUTS_SECRET_KEY", config.secretKeys.length - 1]
    : ["secret.key", 0];
  const lines = [`The key ${keyId} of ${place} encrypts now. Rows encrypted again: ${rows}.`];
  for (const id of dropped)
    lines.push(`The key ${id} is gone from ${place}, since nothing needs it any more.`);
  if (left === 0 && others > 0) lines.push(`Nothing needs the other keys of ${place} any more: they can go.`);
  process.stdout.write(`${lines.join("\n")}\n`);
  if (left === 0) return;
  throw new CommandFailed(
    `Rows still under other keys: ${left}. They cannot be read, or a server that runs has not got the new key. Keep the other keys; restart the server, and rotate again.`,
  );
}
