/** A message between the processes of the benchmark: a short text under a topic. */
export interface Message {
  readonly topic: string;
  readonly text: string;
}

/** @returns `undefined` for what is no such message */
export function readMessage(message: unknown): Message | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  if (!("topic" in message) || typeof message.topic !== "string") return undefined;
  if (!("text" in message) || typeof message.text !== "string") return undefined;
  return { topic: message.topic, text: message.text };
}
