import { badRequest, notImplemented, type Reply } from "../../wire/iq-reply.ts";
import type { ServerContext } from "../server-context.ts";
import type { IqHandler, IqRequest } from "./iq-handler.ts";

/** `md` before login: linking with a code. */
export function companionRegistration({ connection, child }: IqRequest, context: ServerContext): Reply {
  return child?.tag === "link_code_companion_reg"
    ? context.codePairings.answer(connection, child)
    : badRequest;
}

/** `md` after login: `sock.logout()` sends `<remove-companion-device>` (rc14 Socket/socket.ts; proven). */
export const companion: IqHandler = ({ child, account, device }, context) => {
  if (child?.tag !== "remove-companion-device") return notImplemented;
  return {
    type: "result",
    content: undefined,
    after: () => {
      context.events.emit("logout", { phone: account.phone, device });
      context.changes.unlink(account, device);
    },
  };
};
