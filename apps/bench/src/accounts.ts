/** Whose phone both servers are linked to. */
export const owner = "5511800000000";

/** Numbers that WhatsApp never answers for. */
export const silentNumbers: readonly string[] = Array.from({ length: 16 }, (_, index) =>
  String(5_511_700_000_000 + index),
);

/**
 * The numbers to ask for; all have a picture. There are many, because our server lets identical queries that are under way at
 * once share one response, and would look better than it is if all clients asked for the same few.
 */
export const numbers: readonly string[] = Array.from({ length: 256 }, (_, index) =>
  String(5_511_900_000_000 + index),
);
