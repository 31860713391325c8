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

/** Under which JID a number is on WhatsApp. */
export interface Registered {
  readonly jid: Jid;
  /** `null` where it was not asked for, or not told. */
  readonly lid: Jid | null;
}

/** Which of the numbers that were asked for are on WhatsApp. */
export type RegistrationReply =
  | {
      readonly outcome: "told";
      readonly registered: ReadonlyMap<string, Registered>;
      /** Numbers of which WhatsApp said that nobody has them. It may say nothing of others that nobody has. */
      readonly unregisteredNumbers: ReadonlySet<string>;
      /** Numbers of which WhatsApp did not say it, with its codes. */
      readonly refused: ReadonlyMap<string, number>;
    }
  | { readonly outcome: "refused"; readonly code: number }
  | { readonly outcome: "not-understood"; readonly why: string };

/** Asks for one number, and for nothing but whether it is registered. @param sid as for `usyncQuery` */
export function registrationQuery(digits: string, sid: string): BinaryNode {
  return usyncQuery(sid, ["contact"], [{ number: digits }]);
}

/** Asks for many numbers and their LIDs at once. @param sid as for `usyncQuery` */
export function registrationsQuery(numbers: readonly string[], sid: string): BinaryNode {
  return usyncQuery(
    sid,
    ["contact", "lid"],
    numbers.map((number) => ({ number })),
  );
}

/**
 * Reads the answer: `<contact type="in">` is registered, under the user's `jid`; `out` and `invalid` are not, and neither
 * is a number that WhatsApp says nothing about (whatsmeow #1086).
 *
 * Which number a user is the answer to stands in `<contact>` (whatsmeow's IsOnWhatsApp reads it there); the `jid` may be
 * another one, as of Brazilian numbers. Without it, a user is the one whose JID was asked for; those who are left then are
 * taken in order, if they are as many as numbers are left. Else the answer is worthless.
 * @param numbers the digits that were asked for, each once
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
 * Reads what `contact` and `lid` say of one user.
 * @param number the digits that were asked for
 * @returns `null` for who is not registered, `undefined` for what is not understood
 */
export function readRegistered(user: BinaryNode, number: string): Registered | null | undefined {
  const type = contactOf(user)?.attrs.type;
  if (type === "out" || type === "invalid") return null;
  const jid = parseJid(user.attrs.jid ?? "");
  if (type !== "in" || !jid || isGroup(jid)) return undefined;
  if (!isLid(jid)) return { jid, lid: lidOf(user) };
  // A user who is named by LID may have the number beside it.
  const reported = parseJid(user.attrs.pn_jid ?? "");
  return { jid: reported && isPhoneNumberJid(reported) ? reported : jidOfPhoneNumber(number), lid: jid };
}

/** @returns each number that is answered with its answer, or `undefined` when that cannot be told */
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

/** `<contact>` repeats what was asked, as `+5511…` or with a server behind it. */
function askedNumber(user: BinaryNode): string | undefined {
  return /^\+?(\d{5,20})(?:@|$)/.exec(textOf(contactOf(user), 64) ?? "")?.[1];
}
