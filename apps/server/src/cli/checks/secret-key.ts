import { existsSync } from "node:fs";
import type { Config } from "../../config/config.ts";
import { SecretKeyError } from "../../storage/encryption/key-file.ts";
import { type KeyRing, openKeyRing } from "../../storage/encryption/key-ring.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** @returns the findings, and the key ring if it can be used; the key file is not created */
export function checkSecretKey({ dataDir, secretKeys }: Config): {
  finding: Finding;
  keyRing: KeyRing | undefined;
} {
  try {
    const keyRing = openKeyRing(dataDir, secretKeys);
    const finding =
      secretKeys || existsSync(keyRing.source)
        ? ok(`${keyRing.source} can be used`)
        : warn(`${keyRing.source} is not there yet: the first start makes it`);
    return { finding, keyRing };
  } catch (error) {
    if (!(error instanceof SecretKeyError)) throw error;
    return { finding: fail(error.message), keyRing: undefined };
  }
}
