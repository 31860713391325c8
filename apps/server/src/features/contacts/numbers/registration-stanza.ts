import { type BinaryNode, getBinaryNodeChild } from "../../../whatsapp/protocol/baileys.ts";
import {
  isGroup,
  isLid,
  isPhoneNumberJid,
  type Jid,
  jidOfPhoneNumber,
  parseJid,
} from "../../../whatsapp/protocol/jid.ts";
import { textOf } from "../../../whatsapp/protocol/node-text.ts";
import { errorCodeIn, lidOf, readUsync, usyncQuery } from "../../../whatsapp/protocol/usync-stanza.ts";

/** A number's JID and LID on WhatsApp. */
export interface Registered {
  readonly jid: Jid;
  /** `null` if it was not requested, or not sent. */
  readonly lid: Jid | null;
}

/** WhatsApp's reply about the registration of the requested numbers. */
export type RegistrationReply =
  | {
      readonly outcome: "told";
      readonly registered: ReadonlyMap<string, Registered>;
      /** Numbers that WhatsApp reports as unregistered. It may omit other unregistered numbers. */
      readonly unregisteredNumbers: ReadonlySet<string>;
      /** Numbers without a result, with WhatsApp's error codes. */
      readonly refused: ReadonlyMap<string, number>;
    }
  | { readonly outcome: "refused"; readonly code: number }
  | { readonly outcome: "not-understood"; readonly why: string };

/** Queries one number, only for whether it is registered. @param sid as for `usyncQuery` */
export function registrationQuery(digits: string, sid: string): BinaryNode {
  return usyncQuery(sid, ["contact"], [{ number: digits }]);
}

/** Queries many numbers and their LIDs at once. @param sid as for `usyncQuery` */
export function registrationsQuery(numbers: readonly string[], sid: string): BinaryNode {
  return usyncQuery(
    sid,
    ["contact", "lid"],
    numbers.map((number) => ({ number })),
  );
}

/**
 * Reads the reply: `<contact type="in">` is registered, under the user's `jid`; `out` and `invalid` are not, and neither
 * is a number that is missing in the reply (whatsmeow #1086).
 *
 * The number that a user answers is in `<contact>` (whatsmeow's IsOnWhatsApp reads it there); the `jid` may be another
 * one, as for Brazilian numbers. Without `<contact>`, a user answers the number whose JID it has; the remaining users are
 * then matched in order, if there are as many as remaining numbers. Otherwise the reply is unusable.
 * @param numbers the requested digits, each once
 */
export function readRegistrations(reply: BinaryNode, numbers: readonly string[]): RegistrationReply {
  const usync = readUsync(reply);
  if (!usync.understood) return { outcome: "not-understood", why: usync.why };
  const code = usync.errors.get("contact");
  if (code !== undefined) return { outcome: "refused", code };
  const answers = answersByNumber(usync.users, numbers);
  if (!answers)
    return { outcome: "not-understood", why: "a usync answer about something that was not asked" };
  const registered = new Map<string, Registered>();
  const unregisteredNumbers = new Set<string>();
  const refused = new Map<string, number>();
  for (const [number, user] of answers) {
    const refusal = errorCodeIn(contactOf(user));
    if (refusal !== undefined) {
      refused.set(number, refusal);
      continue;
    }
    const found = readRegistered(user, number);
    if (found === undefined) return { outcome: "not-understood", why: "a usync answer that does not say" };
    if (found === null) unregisteredNumbers.add(number);
    else registered.set(number, found);
  }
  const [first] = refused.values();
  return first !== undefined && refused.size === numbers.length
    ? { outcome: "refused", code: first }
    : { outcome: "told", registered, unregisteredNumbers, refused };
}

/**
 * Reads `contact` and `lid` of one user.
 * @param number the requested digits
 * @returns `null` for an unregistered number, `undefined` for a reply that is not understood
 */
export function readRegistered(user: BinaryNode, number: string): Registered | null | undefined {
  const type = contactOf(user)?.attrs.type;
  if (type === "out" || type === "invalid") return null;
  const jid = parseJid(user.attrs.jid ?? "");
  if (type !== "in" || !jid || isGroup(jid)) return undefined;
  if (!isLid(jid)) return { jid, lid: lidOf(user) };
  // A user named by LID may have the number in another attribute.
  const reported = parseJid(user.attrs.pn_jid ?? "");
  return { jid: reported && isPhoneNumberJid(reported) ? reported : jidOfPhoneNumber(number), lid: jid };
}

/** @returns the users by requested number, or `undefined` when they cannot be matched */
function answersByNumber(
  users: readonly BinaryNode[],
  numbers: readonly string[],
): ReadonlyMap<string, BinaryNode> | undefined {
  const open = new Set(numbers);
  const answers = new Map<string, BinaryNode>();
  const take = (nameOf: (user: BinaryNode) => string | undefined) => (user: BinaryNode) => {
    const number = nameOf(user);
    if (number === undefined || !open.delete(number)) return true;
    answers.set(number, user);
    return false;
  };
  const [named, unnamed] = [users.filter(askedNumber), users.filter((user) => !askedNumber(user))];
  const strange = named.filter(take(askedNumber));
  const left = unnamed.filter(take(({ attrs: { jid = "" } }) => jid.slice(0, Math.max(0, jid.indexOf("@")))));
  if (strange.length > 0 || (left.length > 0 && left.length !== open.size)) return undefined;
  const inOrder = [...open].values();
  for (const user of left) answers.set(inOrder.next().value ?? "", user);
  return answers;
}

function contactOf(user: BinaryNode): BinaryNode | undefined {
  return getBinaryNodeChild(user, "contact");
}

/** Reads `<contact>`, which repeats the requested number as `+5511…` or with a server after it. */
function askedNumber(user: BinaryNode): string | undefined {
  return /^\+?(\d{5,20})(?:@|$)/.exec(textOf(contactOf(user), 64) ?? "")?.[1];
}
