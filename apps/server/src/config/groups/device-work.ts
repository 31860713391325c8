import { z } from "zod";
import { wholeNumber } from "../whole-number.ts";

/** Limits of the devices' queries to WhatsApp, and of the data that they keep. */
export const deviceWork = z
  .object({
    WUTS_DEVICE_CONCURRENCY: wholeNumber(1, 1_000)
      .default(64)
      .describe(
        "How many queries a device has under way at once. Fewer for a while after WhatsApp has asked to slow down, or has not replied; those without a reply for a second make room for others, up to as many again.",
      ),
    WUTS_DEVICE_QUEUE: wholeNumber(0, 100_000)
      .default(256)
      .describe("How many further queries of a device may wait; past that the answer is 503 `DEVICE_BUSY`."),
    WUTS_CONTACTS_PER_DEVICE: wholeNumber(100, 1_000_000)
      .default(50_000)
      .describe(
        "How many contacts are kept for a device. Past that, those go first who are not in its address book and were not heard of longest.",
      ),
    WUTS_PICTURE_PACE_PER_MINUTE: wholeNumber(1, 60_000)
      .default(300)
      .describe(
        "How many pictures a device asks WhatsApp for in a minute, evenly spread, for all `POST /contacts/profile-pictures` together, unless the device has a pace of its own.",
      ),
    WUTS_PICTURE_QUERIES_PER_MINUTE: wholeNumber(0, 1_000_000)
      .default(300)
      .describe(
        "How many pictures of contacts a device asks WhatsApp for in a minute for all other requests, as fast as they come; accounts that look through thousands get banned. Past that the answer is 503 `DEVICE_BUSY`. Pictures of groups do not count. `0`: any number.",
      ),
    WUTS_NUMBER_CHECKS_PER_MINUTE: wholeNumber(0, 1_000_000)
      .default(300)
      .describe(
        "How many numbers a device asks WhatsApp for in a minute whether they are registered; accounts that ask for thousands get banned. `0`: any number.",
      ),
    WUTS_PICTURES_TIMEOUT_MS: wholeNumber(100, 3_600_000)
      .default(50_000)
      .describe(
        "How long `POST /contacts/profile-pictures` asks before it answers in one piece, in milliseconds; whose turn has not come by then is answered `DEVICE_BUSY`.",
      ),
    WUTS_STREAM_HEARTBEAT_MS: wholeNumber(10, 600_000)
      .default(15_000)
      .describe(
        "After how long without anything to tell an answer that comes line by line says that the work goes on, in milliseconds: less than what proxies in between wait for.",
      ),
    WUTS_PICTURE_CACHE_SECONDS: wholeNumber(0, 604_800)
      .default(0)
      .describe(
        "For how long what WhatsApp said of a picture is answered again without asking it, in seconds. `0`: it is asked each time.",
      ),
    WUTS_PICTURE_MAX_BYTES: wholeNumber(1_024, 100_000_000)
      .default(5_242_880)
      .describe("Largest picture that is fetched from WhatsApp, in bytes; a larger one is answered as 502."),
    WUTS_PICTURE_CACHE_BYTES: wholeNumber(0, 1_000_000_000_000)
      .default(268_435_456)
      .describe(
        "How many bytes of pictures each server keeps in its `WUTS_DATA_DIR`; past that, those go first that were not asked for longest. `0`: none.",
      ),
  })
  .transform(
    (values) =>
      ({
        deviceConcurrency: values.WUTS_DEVICE_CONCURRENCY,
        deviceQueue: values.WUTS_DEVICE_QUEUE,
        contactsPerDevice: values.WUTS_CONTACTS_PER_DEVICE,
        /** 0 is any number. */
        numberChecksPerMinute: values.WUTS_NUMBER_CHECKS_PER_MINUTE,
        pictures: {
          /** Pictures that a device queries in a minute, for batch requests. */
          perMinute: values.WUTS_PICTURE_PACE_PER_MINUTE,
          /** Pictures that a device queries in a minute for other requests; 0 is any number. */
          queriesPerMinute: values.WUTS_PICTURE_QUERIES_PER_MINUTE,
          /** How long a batch request may wait for its slots. */
          timeoutMs: values.WUTS_PICTURES_TIMEOUT_MS,
          /** After how long without a result a stream says that the work goes on. */
          heartbeatMs: values.WUTS_STREAM_HEARTBEAT_MS,
          /** How long a reply of WhatsApp is cached; 0: not at all. */
          cacheSeconds: values.WUTS_PICTURE_CACHE_SECONDS,
          /** The maximum size of a picture that is fetched. */
          maxBytes: values.WUTS_PICTURE_MAX_BYTES,
          /** The number of bytes of pictures that are kept. */
          cacheBytes: values.WUTS_PICTURE_CACHE_BYTES,
        },
      }) as const,
  );
