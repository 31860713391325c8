import { z } from "zod";
import type { QuotaLimits } from "../../kernel/quotas.ts";
import { wholeNumber } from "../whole-number.ts";

/** Rate limits and quotas of callers. */
export const callerLimits = z
  .object({
    WUTS_RATE_LIMIT_TOKEN: wholeNumber(0, 1_000_000)
      .default(600)
      .describe(
        "How many requests a token may send in a minute; past that the answer is 429. `0`: any number.",
      ),
    WUTS_RATE_LIMIT_USER: wholeNumber(0, 1_000_000)
      .default(1_200)
      .describe(
        "How many requests a user may send in a minute, with whichever of their tokens. `0`: any number.",
      ),
    WUTS_RATE_LIMIT_TENANT: wholeNumber(0, 1_000_000)
      .default(6_000)
      .describe("How many requests all users of a tenant may send in a minute. `0`: any number."),
    WUTS_RATE_LIMIT_DEVICE: wholeNumber(0, 1_000_000)
      .default(300)
      .describe(
        "How many requests may reach a device in a minute, from all callers together. `0`: any number.",
      ),
    WUTS_MAX_TOKENS: wholeNumber(0, 1_000_000)
      .default(100)
      .describe("How many tokens that have not expired a user may make. `0`: any number."),
    WUTS_MAX_USERS: wholeNumber(0, 1_000_000)
      .default(1_000)
      .describe("How many users a tenant may have. `0`: any number."),
    WUTS_MAX_DEVICES: wholeNumber(0, 1_000_000)
      .default(500)
      .describe("How many devices all users of a tenant may have. `0`: any number."),
    WUTS_MAX_PAIRINGS: wholeNumber(0, 1_000_000)
      .default(50)
      .describe(
        "How many devices of a tenant may wait to be paired at once, each with a connection. `0`: any number.",
      ),
    WUTS_PAIRINGS_PER_HOUR: wholeNumber(0, 1_000_000)
      .default(300)
      .describe(
        "How many pairings a tenant may begin in an hour; past that the answer is 429 `PAIRING_LIMITED`. `0`: any number. A server begins ten a second at the most, each tenant's in turn.",
      ),
    WUTS_PAIRING_PHONES_PER_HOUR: wholeNumber(0, 1_000_000)
      .default(5)
      .describe(
        "For how many phones a user may ask for pairing codes in an hour; each shows a question on that phone. `0`: any number.",
      ),
    WUTS_RATE_LIMIT_ADDRESS: wholeNumber(0, 1_000_000)
      .default(120)
      .describe(
        "How many requests that need no token an address may send in a minute, such as for the contract; those that ask how the server is are not counted. `0`: any number.",
      ),
    WUTS_RATE_LIMIT_FAILED_AUTH: wholeNumber(0, 1_000_000)
      .default(20)
      .describe(
        "How many unknown tokens an address may try in a minute, and how many codes that sign no user in; past that the answer is 429. Good ones work however many of them come from the same address. `0`: any number.",
      ),
  })
  .transform(
    (values) =>
      ({
        /** Requests per minute; 0 is any number. */
        rateLimits: {
          token: values.WUTS_RATE_LIMIT_TOKEN,
          user: values.WUTS_RATE_LIMIT_USER,
          tenant: values.WUTS_RATE_LIMIT_TENANT,
          device: values.WUTS_RATE_LIMIT_DEVICE,
          address: values.WUTS_RATE_LIMIT_ADDRESS,
          failedAuth: values.WUTS_RATE_LIMIT_FAILED_AUTH,
        },
        quotas: {
          tokens: values.WUTS_MAX_TOKENS,
          users: values.WUTS_MAX_USERS,
          devices: values.WUTS_MAX_DEVICES,
          pairings: values.WUTS_MAX_PAIRINGS,
          pairingsPerHour: values.WUTS_PAIRINGS_PER_HOUR,
          phonesPerHour: values.WUTS_PAIRING_PHONES_PER_HOUR,
        } satisfies QuotaLimits,
      }) as const,
  );
