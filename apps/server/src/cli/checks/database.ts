import type { KeyRing } from "../../storage/encryption/key-ring.ts";
import { type DatabaseLocation, databasePath } from "../../storage/engine/database.ts";
import { inspectDatabase } from "../../storage/engine/inspection.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

/** @param keyRing `undefined` when the keys cannot be used, which another check reports */
export async function checkDatabase(
  place: DatabaseLocation,
  keyRing: KeyRing | undefined,
): Promise<Finding[]> {
  const path = place.databaseUrl === undefined ? databasePath(place.dataDir) : "the database of DATABASE_URL";
  const inspection = await inspectDatabase(place, keyRing);
  if (!inspection) return [warn(`${path} is not there yet: the first start makes it`)];
  const { damage, unknown, pending, missingKeys, missingKeysOfServers } = inspection;
  const [first] = damage;
  if (first !== undefined) return [fail(`${path} is damaged (${first}): put a backup in its place`)];
  const findings: Finding[] = [];
  if (unknown.length > 0) {
    findings.push(
      fail(`${path} is of a later version (${unknown.join(", ")}): use that version or a newer one`),
    );
  }
  if (pending.length > 0) {
    findings.push(
      warn(`${path} is of an earlier version: the next start brings it up to date, so back it up before`),
    );
  }
  for (const keyId of missingKeys) {
    findings.push(
      fail(
        `${path} holds credentials under the key ${keyId}, which is not in ${keyRing?.source}: put it back`,
      ),
    );
  }
  for (const keyId of missingKeysOfServers) {
    findings.push(
      fail(
        `another server runs on ${path} with the key ${keyId}, which is not in ${keyRing?.source}: give all of them the same WUTS_SECRET_KEY`,
      ),
    );
  }
  return findings.length > 0 ? findings : [ok(`${path} is whole and up to date`)];
}
