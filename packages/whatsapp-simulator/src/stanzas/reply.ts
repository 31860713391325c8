import type { BinaryNode } from "@whiskeysockets/baileys";
import type { Connection, Session } from "../connection.ts";
import { element, SERVER_JID, unixSeconds } from "../stanza.ts";
import type { World } from "../world.ts";

/** How the server answers an IQ. `after` runs when the answer is on its way. */
export type Reply =
  | { readonly type: "result"; readonly content: BinaryNode[] | undefined; readonly after?: () => void }
  | { readonly type: "error"; readonly code: number; readonly text: string }
  /** Sent as it is, with the id of the question. */
  | { readonly type: "stanza"; readonly stanza: BinaryNode }
  | { readonly type: "none" };

/** An IQ from a client, with its first child, which says what is asked. */
export interface IqRequest {
  readonly stanza: BinaryNode;
  readonly child: BinaryNode | undefined;
  readonly connection: Connection;
}

/** An IQ from a client that has logged in. */
export interface SessionRequest extends IqRequest, Session {}

export type IqHandler<Request = SessionRequest> = (request: Request, world: World) => Reply | Promise<Reply>;

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

/** Sends a reply to the stanza it answers. `from` repeats `to`, as rc14 Utils/stanza-ack.ts and whatsmeow expect. */
export function sendReply(connection: Connection, question: BinaryNode, reply: Reply): void {
  const attrs = { from: question.attrs.to ?? SERVER_JID, id: question.attrs.id ?? "" };
  switch (reply.type) {
    case "result":
      connection.send(element("iq", { ...attrs, type: "result", t: unixSeconds() }, reply.content));
      reply.after?.();
      return;
    case "error":
      connection.send(
        element("iq", { ...attrs, type: "error" }, [
          element("error", { code: String(reply.code), text: reply.text }),
        ]),
      );
      return;
    case "stanza":
      connection.send({ ...reply.stanza, attrs: { ...attrs, ...reply.stanza.attrs } });
      return;
    case "none":
      return;
  }
}
