import { closestMatch } from "leven";
import { type Environment, secretSettings } from "./environment.ts";
import { renamedSettings } from "./renamed-settings.ts";
import { settings } from "./settings.ts";

/** @returns a sentence for each variable that looks like a setting but is none, most likely misspelled */
export function unknownSettings(environment: Environment): string[] {
  const known = [...Object.keys(settings.shape), ...secretSettings.map((name) => `${name}_FILE`)];
  return Object.keys(environment)
    .filter((name) => name.startsWith("WUTS_") && !known.includes(name))
    .filter((name) => !renamedSettings.has(name) && !settingsOfOthers.has(name))
    .map((name) => {
      const meant = closestMatch(name, known, { maxDistance: mostSlips });
      const advice = meant === undefined ? "see docs/configuration.md" : `did you mean ${meant}?`;
      return `${name} is not a setting of this server: ${advice}`;
    });
}

/** The number of wrong, missing or extra letters in a name that counts as misspelled. */
const mostSlips = 3;

/** Settings of the mock server and of the sandbox; an environment may contain them, too. */
const settingsOfOthers = new Set([
  "WUTS_MOCK_CONTRACT",
  "WUTS_MOCK_CORS_ORIGINS",
  "WUTS_MOCK_PORT",
  "WUTS_SANDBOX_PHONE_PORT",
]);
