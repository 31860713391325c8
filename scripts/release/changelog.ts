import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { released } from "./releases.ts";

const head = `# Changelog

What changed in the API (\`openapi.yaml\`) and in its client (\`@wuts/client\`), the newest release first. Both always have the
same version, and a new first number means that callers may have to change something. \`npm run release:version\` writes this
file from the changelogs of [the contract](packages/contract/CHANGELOG.md) and [the client](packages/client/CHANGELOG.md).
Changes that neither of them shows are in the history of git.
`;

/** As changesets calls the kinds of change, and as this file does. */
const kinds = new Map([
  ["Major Changes", "Breaking"],
  ["Minor Changes", "New"],
  ["Patch Changes", "Mended"],
]);

/** Of the repository at `root`. */
export function changelogPath(root: string): string {
  return join(root, "CHANGELOG.md");
}

/** Writes what the changelogs of the released packages say. @param today for a version that has no date yet */
export async function writeChangelog(root: string, today: string): Promise<void> {
  await writeFile(changelogPath(root), await changelogOf(root, today));
}

/**
 * @returns the changelog of the repository at `root`, from those of the released packages. The dates are those that the
 * file has already, and `today` for a version that it does not have.
 */
export async function changelogOf(root: string, today: string): Promise<string> {
  const before = await readFile(changelogPath(root), "utf8");
  const dates = new Map(
    [...before.matchAll(/^## (\S+) \((.+)\)$/gm)].map(([, version = "", date = ""]) => [version, date]),
  );
  const [contract = new Map(), client = new Map()] = await Promise.all(
    released.map(async ({ folder }) => entriesOf(await readFile(join(root, folder, "CHANGELOG.md"), "utf8"))),
  );
  const versions = [...new Set([...contract.keys(), ...client.keys()])].sort((one, other) =>
    other.localeCompare(one, "en", { numeric: true }),
  );
  const sections = versions.map((version) => {
    const parts = [...kinds].map(([kind, heading]) => {
      const ofContract: readonly string[] = contract.get(version)?.get(kind) ?? [];
      const ofClient: readonly string[] = client.get(version)?.get(kind) ?? [];
      const entries = [
        ...ofContract,
        ...ofClient.filter((entry) => !ofContract.includes(entry)).map((entry) => `Client: ${entry}`),
      ];
      return entries.length === 0
        ? ""
        : `\n### ${heading}\n\n${entries.map((text) => `- ${text}`).join("\n")}\n`;
    });
    return `\n## ${version} (${dates.get(version) ?? today})\n${parts.join("")}`;
  });
  return head + sections.join("");
}

/** The entries of a changelog that changesets wrote: by version, and then by kind; without the commits they came with. */
type Entries = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

function entriesOf(changelog: string): Entries {
  return new Map(
    sectionsOf(changelog, "## ").map(([version, text]) => [
      version,
      new Map(
        sectionsOf(text, "### ").map(([kind, list]) => [
          kind,
          list
            .split(/^- /m)
            .slice(1)
            .map((entry) => entry.trim().replace(/^[0-9a-f]{7,40}: /, ""))
            .filter((entry) => !entry.startsWith("Updated dependencies")),
        ]),
      ),
    ]),
  );
}

function sectionsOf(text: string, mark: string): [title: string, text: string][] {
  return text
    .split(new RegExp(`^${mark}`, "m"))
    .slice(1)
    .map((section) => {
      const end = section.indexOf("\n");
      return [section.slice(0, end), section.slice(end + 1)];
    });
}
