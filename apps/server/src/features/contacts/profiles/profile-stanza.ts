import {
  type BinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
} from "../../../whatsapp/protocol/baileys.ts";
import { isGroup, isLid, type Jid, type Person, parseJid, userOf } from "../../../whatsapp/protocol/jid.ts";
import { textOf } from "../../../whatsapp/protocol/node-text.ts";
import {
  errorCodeIn,
  lidOf,
  readUsync,
  type UsyncErrors,
  type UsyncProtocol,
  usyncQuery,
} from "../../../whatsapp/protocol/usync-stanza.ts";
import { readRegistered } from "../numbers/registration-stanza.ts";
import { readVerifiedName } from "./verified-name.ts";

/** The contact to look up: the digits of a number, or a LID. */
export type ProfileTarget = { readonly number: string } | { readonly jid: Jid };

/** What usync returns about a contact. */
export interface FoundProfile {
  readonly person: Person;
  /** `null` when it is hidden or empty. */
  readonly about: string | null;
  readonly aboutSetAt: Date | null;
  readonly pictureId: string | null;
  /** The device with id 0 is the phone. */
  readonly devices: readonly FoundDevice[];
  readonly verifiedName: string | null;
  readonly isBusiness: boolean;
}

export interface FoundDevice {
  readonly id: number;
  /** Whether Meta hosts the device, for a business. */
  readonly isHosted: boolean;
}

export type ProfileReply =
  | { readonly outcome: "found"; readonly profile: FoundProfile }
  | { readonly outcome: "not-registered" }
  | { readonly outcome: "refused"; readonly code: number }
  | { readonly outcome: "not-understood"; readonly why: string };

/**
 * Queries everything that usync has about one person, at once: whatsmeow's GetUserInfo does so but for `contact`, which
 * says whether there is such a person and finds Brazilian numbers with and without the ninth digit.
 * @param sid as for `usyncQuery`
 */
export function profileQuery(target: ProfileTarget, sid: string): BinaryNode {
  return usyncQuery(sid, protocols, [target]);
}

/**
 * Reads the reply, elements as in whatsmeow's GetUserInfo. Hidden parts are refused with 401 or 403, in the element or
 * for the whole protocol, or by `<status code="401">` (Baileys rc14 USyncStatusProtocol); missing parts with 404.
 */
export function readProfile(reply: BinaryNode, target: ProfileTarget): ProfileReply {
  const usync = readUsync(reply);
  if (!usync.understood) return { outcome: "not-understood", why: usync.why };
  const [user, ...others] = usync.users;
  const refused = refusalIn(user, usync.errors);
  if (refused !== undefined) return { outcome: "refused", code: refused };
  if (!user) return { outcome: "not-registered" };
  if (others.length > 0) return { outcome: "not-understood", why: "a usync answer about several people" };
  const person = "number" in target ? readRegistered(user, target.number) : readLid(user, target.jid);
  if (person === null) return { outcome: "not-registered" };
  if (person === undefined)
    return { outcome: "not-understood", why: "a usync answer about something that was not asked" };
  const status = getBinaryNodeChild(user, "status");
  const business = getBinaryNodeChild(user, "business");
  return {
    outcome: "found",
    profile: {
      person,
      about: textOf(status, longestAbout),
      aboutSetAt: timeOf(status?.attrs.t),
      pictureId: pictureIdOf(getBinaryNodeChild(user, "picture")),
      devices: devicesIn(getBinaryNodeChild(user, "devices")),
      verifiedName: readVerifiedName(business),
      isBusiness: getBinaryNodeChild(business, "verified_name") !== undefined,
    },
  };
}

/** @returns the JID of a device, as whatsmeow's parseDeviceList makes it */
export function deviceJid(owner: Jid, { id, isHosted }: FoundDevice): string {
  const server = isLid(owner) ? (isHosted ? "hosted.lid" : "lid") : isHosted ? "hosted" : "s.whatsapp.net";
  return `${userOf(owner)}${id === 0 ? "" : `:${id}`}@${server}`;
}

const protocols: readonly UsyncProtocol[] = ["contact", "lid", "status", "picture", "devices", "business"];

/** Characters; the apps take 139. */
const longestAbout = 512;

/** A person has one phone and four linked devices, a business some more. */
const mostDevices = 100;

/** Reads a contact queried by LID. Some replies have no `<contact>` for it; then another element must be present. */
function readLid(user: BinaryNode, asked: Jid): Person | null | undefined {
  const jid = parseJid(user.attrs.jid ?? "");
  if (!jid || isGroup(jid) || (isLid(jid) && jid !== asked)) return undefined;
  const type = getBinaryNodeChild(user, "contact")?.attrs.type;
  const isReported = type === "in" || devicesIn(getBinaryNodeChild(user, "devices")).length > 0;
  if (!isReported) return null;
  if (isLid(jid)) return { jid: null, lid: asked };
  return lidOf(user) === asked ? { jid, lid: asked } : undefined;
}

/** @returns the code of a refusal that means neither "hidden" nor "missing" */
function refusalIn(user: BinaryNode | undefined, errors: UsyncErrors): number | undefined {
  const contact = errors.get("contact");
  if (contact !== undefined) return contact;
  for (const protocol of protocols) {
    const codes = [errors.get(protocol), errorCodeIn(getBinaryNodeChild(user, protocol))];
    for (const code of codes) if (code !== undefined && !meansNothing.has(code)) return code;
  }
  return undefined;
}

const meansNothing = new Set([401, 403, 404]);

/** Unix seconds. */
function timeOf(t: string | undefined): Date | null {
  return t !== undefined && /^[1-9]\d{0,10}$/.test(t) ? new Date(Number(t) * 1000) : null;
}

function pictureIdOf(picture: BinaryNode | undefined): string | null {
  const id = picture?.attrs.id;
  return id !== undefined && /^[0-9A-Za-z_-]{1,64}$/.test(id) ? id : null;
}

function devicesIn(devices: BinaryNode | undefined): FoundDevice[] {
  return getBinaryNodeChildren(getBinaryNodeChild(devices, "device-list"), "device")
    .filter(({ attrs: { id } }) => id !== undefined && /^\d{1,4}$/.test(id))
    .slice(0, mostDevices)
    .map(({ attrs }) => ({ id: Number(attrs.id), isHosted: attrs.is_hosted === "true" }));
}
