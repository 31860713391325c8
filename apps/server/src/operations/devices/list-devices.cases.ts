import { DatabaseSync } from "node:sqlite";
import { contractCases } from "@wuts/contract-cases";

export const cases = contractCases("listDevices", ({ produces }) => [
  produces(200, "one", {
    shows: { data: { items: [{ state: "connected", connected: true }], next_cursor: null } },
  }),

  produces(200, "none", {
    world: "empty",
    shows: { data: { items: [], next_cursor: null } },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "a limit out of range",
    request: { query: { limit: "0" } },
    shows: { validation: [{ field: "limit" }] },
  }),

  produces(500, "INTERNAL_ERROR", {
    about: "a table of the database is gone",
    world: "empty",
    async arrange({ databaseFile }, undo) {
      const database = new DatabaseSync(databaseFile);
      undo(() => database.close());
      database.exec("ALTER TABLE devices RENAME TO gone");
      undo(() => database.exec("ALTER TABLE gone RENAME TO devices"));
    },
  }),
]);
