import { readFile, writeFile } from "node:fs/promises";
import { everySetting, settingsOfMost } from "./documents/configuration.ts";
import { everyError } from "./documents/errors.ts";
import { configurationPath, errorsPath, readmePath, withSection } from "./documents/readme-section.ts";

/** @returns the README with the settings that people change, as the code has them */
export function withSettings(readme: string): string {
  return withSection(readme, "settings", "npm run readme", settingsOfMost());
}

/** @returns the page on configuration with every setting, as the code has them */
export function withEverySetting(page: string): string {
  return withSection(page, "settings", "npm run readme", everySetting());
}

/** @returns the page on errors with every code, as the contract has them */
export function withEveryError(page: string): string {
  return withSection(page, "errors", "npm run readme", everyError());
}

if (import.meta.main) {
  await writeFile(readmePath, withSettings(await readFile(readmePath, "utf8")));
  await writeFile(configurationPath, withEverySetting(await readFile(configurationPath, "utf8")));
  await writeFile(errorsPath, withEveryError(await readFile(errorsPath, "utf8")));
}
