import { z } from "zod";
import { wholeNumber } from "../whole-number.ts";

/** What the process does about mistakes, signals and its log. */
export const serverProcess = z
  .object({
    WUTS_RESPONSE_VIOLATIONS: z
      .enum(["fail", "log"], "must be fail or log")
      .default("fail")
      .describe(
        "What happens to an answer that breaks the contract: `fail` answers 500, `log` only logs and counts it.",
      ),
    WUTS_SHUTDOWN_TIMEOUT_MS: wholeNumber(0, 600_000)
      .default(10_000)
      .describe("How long requests may take to finish after SIGTERM, in milliseconds."),
    WUTS_LOG_LEVEL: z
      .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], "must be a level of the log")
      .default("info")
      .describe("`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`."),
  })
  .transform(
    (values) =>
      ({
        responseViolations: values.WUTS_RESPONSE_VIOLATIONS,
        shutdownTimeoutMs: values.WUTS_SHUTDOWN_TIMEOUT_MS,
        logLevel: values.WUTS_LOG_LEVEL,
      }) as const,
  );
