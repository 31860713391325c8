import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
  getBinaryNodeChildString,
} from "@whiskeysockets/baileys";
import type { AccountState } from "../../model/accounts/account-state.ts";
import { verifiedName } from "../../model/accounts/business.ts";
import type { Addressing } from "../../model/accounts/device-list.ts";
import { result } from "../../wire/iq-reply.ts";
import { element, requireChild } from "../../wire/stanza.ts";
import type { ServerContext } from "../server-context.ts";
import type { IqHandler } from "./iq-handler.ts";

/**
 * `<usync>`: one `<user>` per user asked about, with one element per protocol (rc14 WAUSync/, whatsmeow user.go
 * usync). A number without an account gets `<contact type="out"/>` and nothing else. Contact, LID, status and
 * devices are proven on loopback; picture and business are read in whatsmeow's GetUserInfo.
 */
export const usync: IqHandler = ({ stanza }, context) => {
  const question = requireChild(stanza, "usync");
  const protocols = getAllBinaryNodeChildren(requireChild(question, "query")).map(({ tag }) => tag);
  const users = getAllBinaryNodeChildren(requireChild(question, "list"));
  const { sid = "", mode = "query", context: reason = "interactive" } = question.attrs;
  return result(
    element("usync", { sid, mode, context: reason, index: "0", last: "true" }, [
      element(
        "result",
        {},
        protocols.map((protocol) => element(protocol)),
      ),
      element(
        "list",
        {},
        users.flatMap((user) => answerUser(user, protocols, context)),
      ),
    ]),
  );
};

function answerUser(user: BinaryNode, protocols: readonly string[], context: ServerContext): BinaryNode[] {
  const number = getBinaryNodeChildString(user, "contact")?.replace(/^\+/, "");
  const lid = getBinaryNodeChild(user, "lid")?.attrs.jid;
  const askedJid = user.attrs.jid ?? lid;
  const account = number
    ? context.directory.accountReachedAs(number)
    : askedJid
      ? context.directory.accountOf(askedJid)
      : undefined;
  // Asked by number, the answer names the account's own JID; asked by JID, it repeats what was asked.
  const jid = askedJid ?? account?.jid ?? `${number}@s.whatsapp.net`;
  const fault = account && context.faults.userAnswer(account.phone);
  if (fault === "missing") return [];
  if (typeof fault === "number") return [refusedUser(jid, protocols, fault)];
  const found = fault === "out" ? undefined : account;
  const answers = protocols.flatMap((protocol) => {
    if (protocol === "contact") return [contact(user, found)];
    return found ? answerProtocol(protocol, found, jid.endsWith("@lid") ? "lid" : "jid") : [];
  });
  return [element("user", { jid }, answers)];
}

/** An error in place of each answer, as whatsmeow's parsers look for them. */
function refusedUser(jid: string, protocols: readonly string[], code: number): BinaryNode {
  const error = element("error", { code: String(code) });
  return element(
    "user",
    { jid },
    protocols.map((protocol) => element(protocol, {}, [error])),
  );
}

/** Repeats the number that was asked for: whatsmeow's IsOnWhatsApp finds the number of an answer there. */
function contact(user: BinaryNode, account: AccountState | undefined): BinaryNode {
  const asked = getBinaryNodeChildString(user, "contact");
  return element("contact", { type: account ? "in" : "out" }, asked ? Buffer.from(asked) : undefined);
}

function answerProtocol(protocol: string, account: AccountState, by: Addressing): BinaryNode[] {
  const { description } = account;
  switch (protocol) {
    case "lid":
      // Without it, rc14 asks again before each message (Signal/lid-mapping.ts).
      return [element("lid", { val: account.lid })];
    case "status":
      return [aboutText(account)];
    case "devices":
      return [devices(account, by)];
    case "picture": {
      const isSeen = account.picture && account.pictureBehaviour !== "hidden";
      return [element("picture", isSeen && account.picture ? { id: account.picture.id } : {})];
    }
    case "business":
      return description.businessName ? [element("business", {}, verifiedName(account))] : [];
    case "disappearing_mode":
      return [element("disappearing_mode", { duration: "0", t: "0" })];
    default:
      return [];
  }
}

/** rc14 WAUSync/Protocols/USyncStatusProtocol.ts: 401 is hidden, no content is none set. */
function aboutText({ description, profile }: AccountState): BinaryNode {
  if (description.aboutHidden) return element("status", { code: "401" });
  const { text, setAt } = profile.about;
  return element("status", { t: String(setAt) }, text === "" ? undefined : Buffer.from(text));
}

/** rc14 takes a device other than 0 only with its key-index (Utils/signal.ts extractDeviceJids). */
function devices({ devices: linked, deviceList }: AccountState, by: Addressing): BinaryNode {
  const companions = linked.map(({ id, keyIndex }) =>
    element("device", { id: String(id), "key-index": String(keyIndex) }),
  );
  return element("devices", {}, [
    element("device-list", { hash: deviceList.hash(by) }, [element("device", { id: "0" }), ...companions]),
    deviceList.keyIndexList(),
  ]);
}
