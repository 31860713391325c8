import { renamedSettings, secretSettings, settings } from "@wuts/server/config";
import { z } from "zod";
import { listItem } from "./readme-section.ts";

type SettingName = keyof typeof settings.shape;

/** The settings that people change, in the order of the README. */
const changedByMost: readonly SettingName[] = [
  "WUTS_HOST",
  "WUTS_PORT",
  "WUTS_DATA_DIR",
  "DATABASE_URL",
  "WUTS_SECRET_KEY",
  "WUTS_BOOTSTRAP_TOKEN",
  "WUTS_TRUST_PROXY",
  "WUTS_LOG_LEVEL",
];

/** The headings of the page, and the setting that each begins with; the others follow in the order of the code. */
const groups: ReadonlyMap<SettingName, string> = new Map([
  ["WUTS_HOST", "Address and storage"],
  ["WUTS_SECRET_KEY", "Secrets and the audit trail"],
  ["WUTS_WHATSAPP_URL", "The connection to WhatsApp"],
  ["WUTS_DEVICE_CONCURRENCY", "What devices ask and keep"],
  ["WUTS_RATE_LIMIT_TOKEN", "Limits and quotas of callers"],
  ["WUTS_BODY_LIMIT_BYTES", "HTTP"],
  ["WUTS_RESPONSE_VIOLATIONS", "The process"],
]);

/** @returns the few settings that people change, as a Markdown list */
export function settingsOfMost(): string {
  return changedByMost.map((name) => listItem(nameAndMeaning(name))).join("\n");
}

/** @returns every setting, below the headings of their groups, as Markdown */
export function everySetting(): string {
  const names = settings.keyof().options;
  const lost = [...groups.keys()].filter((name) => !names.includes(name));
  if (lost.length > 0) throw new Error(`no settings to begin a group with: ${lost.join(", ")}`);
  const sections = names.map((name) => {
    const heading = groups.get(name);
    const begin = heading === undefined ? "" : `${name === names[0] ? "" : "\n"}### ${heading}\n\n`;
    return begin + listItem(`${nameAndMeaning(name)}${rangeOf(name)}${oldNameOf(name)}`);
  });
  return sections.join("\n");
}

function nameAndMeaning(name: SettingName): string {
  const schema = settings.shape[name];
  const fallback = schema.safeParse(undefined);
  const shown = fallback.success && fallback.data !== undefined ? ` (\`${fallback.data}\`)` : "";
  return `\`${name}\`${shown}: ${schema.description ?? ""}`;
}

/** @returns a sentence about what it takes besides, or nothing */
function rangeOf(name: SettingName): string {
  if (secretSettings.some((secret) => secret === name)) return ` Or the path of a file: \`${name}_FILE\`.`;
  const { minimum, maximum } = z.toJSONSchema(settings.shape[name], { unrepresentable: "any" });
  if (minimum === undefined || maximum === undefined) return "";
  return ` From ${withCommas(minimum)} to ${withCommas(maximum)}.`;
}

/** @returns a sentence about the name that it had before, or nothing */
function oldNameOf(name: SettingName): string {
  const [oldName] = [...renamedSettings].find(([, now]) => now === name) ?? [];
  return oldName === undefined
    ? ""
    : ` Its old name, \`${oldName}\`, works until the next major version, with a warning.`;
}

function withCommas(number: number): string {
  return number.toLocaleString("en");
}
