/**
 * The child's end of the line to the benchmark. Importing it makes the process end with the benchmark, whatever becomes
 * of that one; Ctrl-C, which a terminal sends to all processes, is left to the benchmark.
 */
import { type Message, readMessage } from "../message.ts";

let stop: () => Promise<void> = async () => undefined;

process.on("SIGINT", () => undefined);
process.once("disconnect", async () => {
  await stop();
  // Baileys leaves timers behind that would keep the process alive.
  process.exit();
});
process.on("uncaughtException", (error) => {
  const failed: Message = { topic: "failed", text: error.stack ?? error.message };
  process.send?.(failed, () => process.exit(1));
});

/** Sends a message to the benchmark. */
export function tell(topic: string, text: string): void {
  const message: Message = { topic, text };
  process.send?.(message);
}

/** Replies to the benchmark's messages of a topic, under the same topic. */
export function answer(topic: string, reply: (text: string) => string | Promise<string>): void {
  process.on("message", async (received) => {
    const message = readMessage(received);
    if (message?.topic === topic) tell(topic, await reply(message.text));
  });
}

/** Says what is to be done before the process ends. */
export function beforeTheEnd(step: () => Promise<void>): void {
  stop = step;
}
