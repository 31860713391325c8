import { z } from "zod";
import { areDifferent, parseSecretKey, type SecretKeys } from "../../kernel/secret-key.ts";
import { contradiction } from "../contradiction.ts";
import { wholeNumber } from "../whole-number.ts";

/** Keys, tokens of operators, and the audit trail. */
export const secretsAndAudit = z
  .object({
    WUTS_SECRET_KEY: z
      .string()
      .transform((text, { addIssue }) => {
        const keys = parseSecretKeys(text);
        if (!keys)
          addIssue("must be different keys of 32 bytes each, in base64 or hex, with commas between them");
        return keys;
      })
      .optional()
      .describe(
        "Key that encrypts the credentials: 32 bytes in base64 or hex. Further ones, after commas, only decrypt. The same for all servers on a database. Default: a key in `secret.key` in `WUTS_DATA_DIR`, made at the first start.",
      ),
    WUTS_BOOTSTRAP_TOKEN: z
      .uuidv4("must be a UUID v4")
      .toLowerCase()
      .optional()
      .describe(
        "Token (UUID v4) of the first admin, instead of a random one that is printed once, or, with `NODE_ENV=production`, of none.",
      ),
    WUTS_MASTER_TOKEN: z
      .uuidv4("must be a UUID v4")
      .toLowerCase()
      .optional()
      .describe(
        "Token (UUID v4) that registers, lists and deletes tenants, and does nothing else. Without it there are no such operations.",
      ),
    WUTS_METRICS_TOKEN: z
      .uuidv4("must be a UUID v4")
      .toLowerCase()
      .optional()
      .describe(
        "Token (UUID v4) that shows `GET /metrics`, and does nothing else. Without it, a server that listens on loopback shows them to all who ask for `localhost` or an address of loopback, and any other server shows them to no caller.",
      ),
    WUTS_AUDIT_RETENTION_DAYS: wholeNumber(1, 36_500)
      .default(90)
      .describe("How many days the audit trail goes back."),
  })
  .transform((values, context) => {
    for (const name of ["WUTS_BOOTSTRAP_TOKEN", "WUTS_MASTER_TOKEN"] as const) {
      if (values.WUTS_METRICS_TOKEN !== undefined && values.WUTS_METRICS_TOKEN === values[name])
        return contradiction(
          context,
          "WUTS_METRICS_TOKEN",
          `must not be the ${name}: it is good for metrics only`,
        );
    }
    return {
      /** `undefined`: the keys of the file in the data folder. */
      secretKeys: values.WUTS_SECRET_KEY,
      bootstrapToken: values.WUTS_BOOTSTRAP_TOKEN,
      /** In lower case; `undefined`: no caller manages tenants. */
      masterToken: values.WUTS_MASTER_TOKEN,
      /** In lower case, and none of the others; `undefined`: only callers on this machine see the metrics. */
      metricsToken: values.WUTS_METRICS_TOKEN,
      auditRetentionDays: values.WUTS_AUDIT_RETENTION_DAYS,
    } as const;
  });

function parseSecretKeys(text: string): SecretKeys | undefined {
  const [newest, ...older] = text.split(",").map((key) => parseSecretKey(key.trim()));
  if (!newest || !older.every((key) => key !== undefined)) return undefined;
  return areDifferent([newest, ...older]) ? [newest, ...older] : undefined;
}
