import { readFileSync } from "node:fs";
import { ConfigError } from "./config-error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that hold a secret. Each can be in a file instead; the variable with `_FILE` at its end has the path. */
export const secretSettings = [
  "DATABASE_URL",
  "WUTS_SECRET_KEY",
  "WUTS_BOOTSTRAP_TOKEN",
  "WUTS_MASTER_TOKEN",
  "WUTS_METRICS_TOKEN",
] as const;

/**
 * Reads the variables that are set. An empty variable counts as not set.
 * @returns the variables, with the secrets that are in files
 * @throws ConfigError for a file that cannot be read, or for a secret that is set both directly and as a file
 */
export function variablesSetIn(environment: Environment): Record<string, string | undefined> {
  const variables = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  for (const name of secretSettings) {
    const path = variables[`${name}_FILE`];
    if (path === undefined) continue;
    if (variables[name] !== undefined)
      throw new ConfigError(`${name}_FILE must not be set beside ${name}: one of them is the secret.`);
    variables[name] = readSecret(`${name}_FILE`, path);
  }
  return variables;
}

function readSecret(setting: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new ConfigError(`${setting} names a file that cannot be read${code}.`);
  }
  if (text === "") throw new ConfigError(`${setting} names a file that is empty.`);
  return text;
}
