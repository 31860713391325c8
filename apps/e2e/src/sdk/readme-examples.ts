import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { clientFolder } from "./installed-client.ts";

/** @returns the examples in TypeScript of the client's README, or of one of its sections */
export async function examplesOf(heading?: string): Promise<string[]> {
  return blocksOf("ts", heading);
}

/** @returns the commands of a section of the client's README, one a line */
export async function commandsOf(heading: string): Promise<string[]> {
  return (await blocksOf("sh", heading)).flatMap((block) => block.trim().split("\n"));
}

async function blocksOf(language: string, heading?: string): Promise<string[]> {
  const readme = await readFile(join(clientFolder, "README.md"), "utf8");
  const [, section = ""] =
    heading === undefined ? ["", readme] : readme.split(new RegExp(`\n##+ ${heading}\n`));
  const text = heading === undefined ? section : (section.split(/\n##+ /)[0] ?? "");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(
    ([, code = ""]) => code,
  );
}
