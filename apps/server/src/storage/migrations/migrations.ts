import type { Kysely } from "kysely";
import type { Migration, MigrationProvider } from "kysely/migration";
import { countPeopleChanges, countPeopleChangesApart } from "../../accounts/repositories/change-version.ts";
import { addPrintedTokens } from "../../accounts/repositories/printed-tokens.repository.ts";
import { addSignInCodes } from "../../accounts/repositories/sign-in-codes.repository.ts";
import { addPictureAnswers } from "../../features/pictures/picture-cache.repository.ts";
import { addKeptPictures, keepPicturesByFolder } from "../../features/pictures/picture-files.repository.ts";
import { addDeviceLeases } from "../../sessions/leases/leases.repository.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import { addProbes } from "../engine/probes.ts";
import { addServers } from "../engine/servers.ts";
import { encryptCredentials } from "./versions/2026-11-second-encrypted-credentials.ts";
import { addPeople } from "./versions/2026-11-third-people.ts";
import { addRegisteredLids } from "./versions/2026-11-third-registered-lids.ts";
import { addContacts } from "./versions/2026-11-third-synced-contacts.ts";
import { addDevicePaces } from "./versions/2026-11-third-synced-rates.ts";
import { addTokenParents } from "./versions/2026-12-token-parents.ts";
import { addTimedBans } from "./versions/2026-12-until-banned.ts";

/**
 * Every change of the tables, oldest first. A migration that has been released is never edited.
 * @param keyRing for the migration that encrypts what earlier versions stored in plain text
 */
export function migrationProvider(keyRing: KeyRing): MigrationProvider {
  return { getMigrations: async () => allMigrations(() => keyRing) };
}

/** @returns the names of all migrations, oldest first */
export function migrationNames(): string[] {
  const noKeyRing = () => {
    throw new Error("who asks for names migrates nothing");
  };
  return Object.keys(allMigrations(noKeyRing)).sort();
}

function allMigrations(keyRing: () => KeyRing): Record<string, Migration> {
  return {
    ...migrations,
    "2026-11-second-encrypted-credentials": { up: (db) => encryptCredentials(db, keyRing()) },
    "2026-11-third-people": { up: addPeople },
    "2026-11-third-printed-tokens": { up: addPrintedTokens },
    "2026-11-third-registered-lids": { up: addRegisteredLids },
    "2026-11-third-synced-contacts": { up: addContacts },
    "2026-11-third-synced-pictures": { up: addKeptPictures },
    "2026-11-third-synced-rates": { up: addDevicePaces },
    "2026-11-third-told-pictures": { up: addPictureAnswers },
    "2026-11-watched-people": { up: countPeopleChanges },
    "2026-11-with-leases": { up: addDeviceLeases },
    "2026-11-with-sign-in-codes": { up: addSignInCodes },
    "2026-11-written-probes": { up: addProbes },
    "2026-11-written-stamps": { up: countPeopleChangesApart },
    "2026-12-present-servers": { up: addServers },
    "2026-12-several-pictures": { up: keepPicturesByFolder },
    "2026-12-token-parents": { up: addTokenParents },
    "2026-12-until-banned": { up: addTimedBans },
  };
}

const migrations: Record<string, Migration> = {
  "2026-11-first-tables": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("tenants")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("created_at", "text", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("users")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("tenant_id", "text", (column) =>
          column.notNull().references("tenants.id").onDelete("cascade"),
        )
        .addColumn("role", "text", (column) => column.notNull())
        .addColumn("created_at", "text", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("tokens")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
        .addColumn("hash", "text", (column) => column.notNull().unique())
        .addColumn("created_at", "text", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("devices")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
        .addColumn("name", "text", (column) => column.notNull())
        .addColumn("standing", "text", (column) => column.notNull())
        .addColumn("jid", "text")
        .addColumn("lid", "text")
        .addColumn("phone_number", "text")
        .addColumn("last_activity_at", "text")
        .addColumn("last_disconnect_reason", "text")
        .addColumn("last_disconnect_code", "integer")
        .addColumn("last_disconnect_at", "text")
        .addColumn("created_at", "text", (column) => column.notNull())
        .addColumn("updated_at", "text", (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("devices_of_user")
        .on("devices")
        .columns(["user_id", "created_at", "id"])
        .execute();
      await db.schema
        .createTable("credentials")
        .addColumn("device_id", "text", (column) =>
          column.primaryKey().references("devices.id").onDelete("cascade"),
        )
        .addColumn("creds", "text", (column) => column.notNull())
        .execute();
      await db.schema
        .createTable("signal_keys")
        .addColumn("device_id", "text", (column) =>
          column.notNull().references("devices.id").onDelete("cascade"),
        )
        .addColumn("type", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("value", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("signal_keys_primary", ["device_id", "type", "id"])
        .execute();
      await db.schema
        .createTable("registrations")
        .addColumn("device_id", "text", (column) =>
          column.notNull().references("devices.id").onDelete("cascade"),
        )
        .addColumn("asked_jid", "text", (column) => column.notNull())
        .addColumn("jid", "text", (column) => column.notNull())
        .addColumn("checked_at", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("registrations_primary", ["device_id", "asked_jid"])
        .execute();
      await db.schema
        .createIndex("registrations_by_age")
        .on("registrations")
        .columns(["device_id", "checked_at"])
        .execute();
    },
  },
};
