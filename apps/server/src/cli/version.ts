import { readFileSync } from "node:fs";

/** @returns the version of the contract that this server speaks; read from its package, which is quicker than the contract */
export function wutsVersion(): string {
  const manifest = new URL("../package.json", import.meta.resolve("@wuts/contract"));
  const { version }: { readonly version: string } = JSON.parse(readFileSync(manifest, "utf8"));
  return version;
}
