/** The chats that a phone sends to a new device. */
export interface HistoryDescription {
  /** Default: one for each contact and each group, without messages. */
  readonly chats?: readonly ChatDescription[];
  /** The address that identifies chats with contacts; the other one stands beside it. Default: by `number`. */
  readonly by?: "number" | "lid";
}

export interface ChatDescription {
  /** The phone of the other account, digits, or a group's JID. */
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
