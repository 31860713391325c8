/** The chats that a phone sends to a new device. */
export interface HistoryDescription {
  /** Default: one for each contact and each group, without messages. */
  readonly chats?: readonly ChatDescription[];
  /** By what chats with people are named, beside their other address. Default: by `number`. */
  readonly by?: "number" | "lid";
}

export interface ChatDescription {
  /** A person's phone, digits, or a group's JID. */
  readonly with: string;
  /** Oldest first. */
  readonly messages?: readonly ChatMessage[];
}

export interface ChatMessage {
  readonly text: string;
  readonly fromMe?: boolean;
  /** Unix seconds. Default 1700000000. */
  readonly at?: number;
}
