import { afterAll } from "vitest";

/** What this file's requests were answered. */
const answers: Response[] = [];

const { fetch } = globalThis;

globalThis.fetch = async (...request) => {
  const answer = await fetch(...request);
  answers.push(answer);
  return answer;
};

/**
 * Cancels what a file leaves unread of its answers. Else the socket of a body that does not fit into the buffers stays open,
 * even if its server is killed: no reader comes to its end.
 */
afterAll(async () => {
  globalThis.fetch = fetch;
  const unread = answers.filter(({ bodyUsed }) => !bodyUsed);
  // Whose server is gone cannot be cancelled any more, and need not be.
  await Promise.allSettled(unread.map(({ body }) => body?.cancel()));
});
