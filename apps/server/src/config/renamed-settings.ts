import { ConfigError } from "./config-error.ts";
import type { Environment } from "./environment.ts";
import type { SettingName } from "./settings.ts";

/** Old names of settings, mapped to the new names. The next major version removes the old ones. */
export const renamedSettings: ReadonlyMap<string, SettingName> = new Map([
  ["WUTS_LINES_PULSE_MS", "WUTS_STREAM_HEARTBEAT_MS"],
  ["WUTS_PICTURE_ANSWERS_SECONDS", "WUTS_PICTURE_CACHE_SECONDS"],
  ["WUTS_RECONNECT_PATIENCE_MS", "WUTS_RECONNECT_WAIT_MS"],
]);

/** @returns the variables, each under the current name of its setting @throws ConfigError for two values */
export function underNewNames(variables: Environment): Record<string, string | undefined> {
  const renamed = { ...variables };
  for (const [oldName, name] of renamedSettings) {
    const value = variables[oldName];
    if (value === undefined) continue;
    if ((variables[name] ?? value) !== value)
      throw new ConfigError(
        `${oldName} is the old name of ${name}, and must not be set to another value: remove it.`,
      );
    renamed[name] = value;
  }
  return renamed;
}

/** @returns the name under which an environment holds a setting: the old one, if only that is set */
export function nameGiven(setting: string, variables: Environment): string {
  if (variables[setting] !== undefined) return setting;
  for (const [oldName, name] of renamedSettings)
    if (name === setting && variables[oldName] !== undefined) return oldName;
  return setting;
}

/** @returns a sentence for each variable that is set under an old name */
export function oldNamesIn(environment: Environment): string[] {
  return [...renamedSettings]
    .filter(([oldName]) => (environment[oldName] ?? "") !== "")
    .map(
      ([oldName, name]) =>
        `${oldName} is called ${name} now: the old name works until the next major version`,
    );
}
