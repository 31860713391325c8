import type { BinaryNode } from "@whiskeysockets/baileys";

/** How the server answers an IQ. `after` runs when the answer is on its way. */
export type Reply =
  | { readonly type: "result"; readonly content: BinaryNode[] | undefined; readonly after?: () => void }
  | { readonly type: "error"; readonly code: number; readonly text: string }
  /** Sent as it is, with the id of the question. */
  | { readonly type: "stanza"; readonly stanza: BinaryNode }
  | { readonly type: "none" };

export function result(...content: BinaryNode[]): Reply {
  return { type: "result", content: content.length > 0 ? content : undefined };
}

export function failure(code: number, text: string): Reply {
  return { type: "error", code, text };
}

export const itemNotFound = failure(404, "item-not-found");
export const notAuthorized = failure(401, "not-authorized");
export const forbidden = failure(403, "forbidden");
export const notAcceptable = failure(406, "not-acceptable");
export const badRequest = failure(400, "bad-request");
export const notImplemented = failure(501, "feature-not-implemented");
export const noAnswer: Reply = { type: "none" };
