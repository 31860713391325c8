import { resolve } from "node:path";
import { z } from "zod";
import { wholeNumber } from "../whole-number.ts";

/** The address that the server listens on, and its storage. */
export const addressAndStorage = z
  .object({
    WUTS_HOST: z.string().min(1).default("127.0.0.1").describe("Address to listen on."),
    WUTS_PORT: wholeNumber(0, 65_535).default(3000).describe("Port to listen on; `0` takes a free one."),
    WUTS_DATA_DIR: z
      .string()
      .min(1)
      .default("./data")
      .describe(
        "Folder for the database, the key and the pictures that are kept. It holds the credentials of the devices: keep it private.",
      ),
    DATABASE_URL: z
      .string()
      .refine(isPostgresUrl, "must be a URL such as postgres://user:password@host/database")
      .optional()
      .describe(
        "A PostgreSQL database, such as `postgres://user:password@host/database`. Default: an SQLite file in `WUTS_DATA_DIR`.",
      ),
  })
  .transform(
    (values) =>
      ({
        host: values.WUTS_HOST,
        port: values.WUTS_PORT,
        /** Absolute. */
        dataDir: resolve(values.WUTS_DATA_DIR),
        /** The URL of PostgreSQL; `undefined`: an SQLite file in the data folder. It may contain a password. */
        databaseUrl: values.DATABASE_URL,
      }) as const,
  );

function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(text) && URL.canParse(text);
}
