import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseContract } from "@wuts/contract";
import { released } from "../release/releases.ts";

/** The version that `openapi.yaml` says. */
export async function contractVersion(root: string): Promise<unknown> {
  return parseContract(await readFile(join(root, "openapi.yaml"), "utf8")).document.info.version;
}

/** The manifests of the packages that are released. */
export async function manifestsOf(root: string): Promise<{ version: string }[]> {
  return Promise.all(
    released.map(async ({ folder }) =>
      JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")),
    ),
  );
}
