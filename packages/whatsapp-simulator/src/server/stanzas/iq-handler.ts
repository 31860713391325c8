import type { BinaryNode } from "@whiskeysockets/baileys";
import type { Session } from "../../model/accounts/session.ts";
import type { Reply } from "../../wire/iq-reply.ts";
import { element, SERVER_JID, unixSeconds } from "../../wire/stanza.ts";
import type { Client } from "../client.ts";
import type { ServerContext } from "../server-context.ts";

/** An IQ from a client, with its first child, which says what is asked. */
export interface IqRequest {
  readonly stanza: BinaryNode;
  readonly child: BinaryNode | undefined;
  readonly connection: Client;
}

/** An IQ from a client that has logged in. */
export interface SessionRequest extends IqRequest, Session {}

export type IqHandler<Request = SessionRequest> = (
  request: Request,
  context: ServerContext,
) => Reply | Promise<Reply>;

/** Sends a reply to the stanza it answers. `from` repeats `to`, as rc14 Utils/stanza-ack.ts and whatsmeow expect. */
export function sendReply(connection: Client, question: BinaryNode, reply: Reply): void {
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
