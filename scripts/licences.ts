/**
 * `npm run check:licences`: whether what the image ships has licences that we know what to do about. Exits with 1, and says of
 * which package it does not. Takes the folder of the repository.
 */

import { join, resolve } from "node:path";
import satisfies from "spdx-satisfies";
import { type Component, type Sbom, sbomOfImage } from "./sbom.ts";

/** SPDX ids of licences that ask for their text, or their notice, to be passed on with the package, and for nothing else. */
export const allowed = [
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "ISC",
  "MIT",
  "Python-2.0",
  "Unlicense",
];

export interface Exception {
  readonly name: string;
  /** As its manifest has it; `undefined`: it has none where manifests have it. */
  readonly licence: string | undefined;
  readonly reason: string;
}

/** Packages with other licences, each by itself. What they ask for is in docs/licences.md. */
export const exceptions: readonly Exception[] = [
  {
    name: "libsignal",
    licence: "GPL-3.0",
    reason:
      "Baileys encrypts by it, and there is no WhatsApp without. Who passes the image on has to meet the GPL.",
  },
  ...["x64", "arm64"].map((cpu) => ({
    name: `@img/sharp-libvips-linux-${cpu}`,
    licence: "LGPL-3.0-or-later",
    reason: "sharp's library, in files of its own that can be replaced, as the LGPL asks.",
  })),
  ...["busboy", "streamsearch"].map((name) => ({
    name,
    licence: undefined,
    reason: "MIT, says its LICENSE, and its manifest in `licenses`, the old way, which npm does not read.",
  })),
];

/** @returns a sentence for each package that neither the list nor an exception lets pass, and for each exception of no use */
export function problemsOfLicences({ components }: Pick<Sbom, "components">): string[] {
  const used = new Set<Exception>();
  const problems: string[] = [];
  for (const component of components) {
    const { name, version } = nameAndVersion(component);
    const licence = licenceOf(component);
    if (licence !== undefined && isAllowed(licence)) continue;
    const exception = exceptions.find((each) => each.name === name && each.licence === licence);
    if (exception) used.add(exception);
    else
      problems.push(
        `${name} ${version}: ${licence === undefined ? "no licence" : `the licence ${licence}`} is not in the list`,
      );
  }
  for (const exception of exceptions)
    if (!used.has(exception)) problems.push(`${exception.name}: the exception is of no use any more`);
  return problems;
}

function nameAndVersion({ "bom-ref": ref }: Component): { name: string; version: string } {
  const at = ref.lastIndexOf("@");
  return { name: ref.slice(0, at), version: ref.slice(at + 1) };
}

/** @returns one SPDX expression, or what stands in the place of one */
function licenceOf({ licenses }: Component): string | undefined {
  const each = licenses.map((entry) =>
    "expression" in entry ? entry.expression : (entry.license.id ?? entry.license.name ?? "none"),
  );
  return each.length > 1 ? each.map((text) => `(${text})`).join(" AND ") : each[0];
}

function isAllowed(licence: string): boolean {
  try {
    return satisfies(licence, allowed);
  } catch {
    // It is no SPDX expression, such as SEE LICENSE IN a file.
    return false;
  }
}

if (import.meta.main) {
  const { components } = await sbomOfImage(resolve(process.argv[2] ?? join(import.meta.dirname, "..")));
  const problems = problemsOfLicences({ components });
  if (problems.length > 0) {
    console.error(
      `${problems.join("\n")}\n\nscripts/licences.ts has the list. What is not in it needs a decision: another package, or an exception with its reason there and what it asks for in docs/licences.md.`,
    );
    process.exitCode = 1;
  } else console.log(`The licences of the ${components.length} packages that the image ships are known.`);
}
