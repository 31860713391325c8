import { z } from "zod";
import { bodyLimitOf } from "../body-limit.ts";
import { contradiction } from "../contradiction.ts";
import { parseOrigins } from "../origins.ts";
import { maxHops, parseProxies } from "../proxies.ts";
import { wholeNumber } from "../whole-number.ts";

/** The requests that the server accepts over HTTP, and the origins and proxies that it trusts. */
export const http = z
  .object({
    WUTS_BODY_LIMIT_BYTES: wholeNumber(1_024, 100_000_000)
      .default(102_400)
      .describe(
        "Largest request body, in bytes, without the picture that is in some. One that needs no token, to sign in, has 4096 bytes at the most.",
      ),
    WUTS_PICTURE_LIMIT_BYTES: wholeNumber(1_024, 50_000_000)
      .default(5_242_880)
      .describe("Largest file of a picture to set, in bytes."),
    WUTS_MAX_REQUESTS: wholeNumber(1, 1_000_000)
      .default(4_000)
      .describe("How many requests are under way at once; further ones are answered 503 `SERVER_BUSY`."),
    WUTS_MAX_REQUESTS_TENANT: wholeNumber(1, 1_000_000)
      .default(1_000)
      .describe("How many of them one tenant may have under way at once; past that the answer is 429."),
    WUTS_MAX_BODY_BYTES: wholeNumber(1_024, 10_000_000_000)
      .optional()
      .describe(
        "How many bytes the bodies of all requests under way may have together; a request whose body is too much is answered 503 `SERVER_BUSY`. Default: 64 MiB, or eight of the largest bodies where that is more.",
      ),
    WUTS_MAX_BODY_BYTES_TENANT: wholeNumber(1_024, 10_000_000_000)
      .optional()
      .describe(
        "How many of these bytes one tenant may have under way at once; past that the answer is 429. Default: half of them.",
      ),
    WUTS_HEADERS_TIMEOUT_MS: wholeNumber(100, 120_000)
      .default(10_000)
      .describe("How long the headers of a request may take to arrive, in milliseconds."),
    WUTS_REQUEST_TIMEOUT_MS: wholeNumber(100, 600_000)
      .default(30_000)
      .describe(
        "How long a whole request may take to arrive, and how long a client may read nothing of its answer, in milliseconds.",
      ),
    WUTS_MAX_CONNECTIONS: wholeNumber(1, 1_000_000)
      .default(10_000)
      .describe("How many connections are open at once; further ones are closed at once."),
    WUTS_CORS_ORIGINS: z
      .string()
      .transform((text, { addIssue }) => {
        const origins = parseOrigins(text);
        if (!origins)
          addIssue("must be * alone, or origins such as https://app.example.com, with commas between them");
        return origins;
      })
      .optional()
      .describe(
        "Origins whose pages browsers let ask this server, such as `https://app.example.com`, with commas between them, or `*` alone for all. Default: none.",
      ),
    WUTS_TRUST_PROXY: z
      .string()
      .transform((text, { addIssue }) => {
        const proxies = parseProxies(text);
        if (proxies === undefined)
          addIssue(
            `must be a number of proxies up to ${maxHops}, or addresses and subnets such as 10.0.0.0/8, with commas between them`,
          );
        return proxies;
      })
      .optional()
      .describe(
        "Which proxies to believe where a request comes from (`X-Forwarded-For`): how many proxies stand before this server, or their addresses and subnets (`loopback` and `uniquelocal` are names of some), with commas between them. Default: none.",
      ),
  })
  .transform((values, context) => {
    if (values.WUTS_REQUEST_TIMEOUT_MS < values.WUTS_HEADERS_TIMEOUT_MS)
      return contradiction(
        context,
        "WUTS_REQUEST_TIMEOUT_MS",
        "must not be less than WUTS_HEADERS_TIMEOUT_MS",
      );
    const bodyLimits = {
      bodyLimitBytes: values.WUTS_BODY_LIMIT_BYTES,
      pictureLimitBytes: values.WUTS_PICTURE_LIMIT_BYTES,
    } as const;
    const largestBody = bodyLimitOf(bodyLimits, { hasPicture: true, role: "user" });
    for (const name of ["WUTS_MAX_BODY_BYTES", "WUTS_MAX_BODY_BYTES_TENANT"] as const) {
      if ((values[name] ?? largestBody) < largestBody)
        return contradiction(
          context,
          name,
          `must be at least ${largestBody}: so large is one body with a picture of WUTS_PICTURE_LIMIT_BYTES`,
        );
    }
    const bodyBytes = values.WUTS_MAX_BODY_BYTES ?? Math.max(64 * 1_024 ** 2, 8 * largestBody);
    return {
      ...bodyLimits,
      /** The number of requests under way at once. */
      requestsUnderWay: { total: values.WUTS_MAX_REQUESTS, perOwner: values.WUTS_MAX_REQUESTS_TENANT },
      /** The number of bytes of their bodies together. */
      bodyBytesUnderWay: {
        total: bodyBytes,
        perOwner: values.WUTS_MAX_BODY_BYTES_TENANT ?? Math.max(Math.floor(bodyBytes / 2), largestBody),
      },
      headersTimeoutMs: values.WUTS_HEADERS_TIMEOUT_MS,
      requestTimeoutMs: values.WUTS_REQUEST_TIMEOUT_MS,
      maxConnections: values.WUTS_MAX_CONNECTIONS,
      /** Empty: no page of another origin. */
      corsOrigins: values.WUTS_CORS_ORIGINS ?? [],
      /** The value of Express's `trust proxy` setting; `false`: no proxy. */
      trustProxy: values.WUTS_TRUST_PROXY ?? false,
    } as const;
  });
