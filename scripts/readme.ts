import { readFile, writeFile } from "node:fs/promises";
import { settings } from "@wuts/server/config";
import { alignedTable, readmePath, withSection } from "./readme-section.ts";

/** @returns the README with the table of settings as the code has them */
export function withSettings(readme: string): string {
  return withSection(readme, "settings", "npm run readme", settingsTable());
}

function settingsTable(): string {
  const rows = Object.entries(settings.shape).map(([name, schema]) => {
    const fallback = schema.safeParse(undefined);
    const shown = fallback.success && fallback.data !== undefined ? `\`${fallback.data}\`` : "";
    return [`\`${name}\``, shown, schema.description ?? ""];
  });
  return alignedTable([["Setting", "Default", "Meaning"], ...rows]);
}

if (import.meta.main) await writeFile(readmePath, withSettings(await readFile(readmePath, "utf8")));
