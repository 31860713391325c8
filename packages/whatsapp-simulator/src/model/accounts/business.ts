import { createHash, randomBytes } from "node:crypto";
import { type BinaryNode, proto } from "@whiskeysockets/baileys";
import { element } from "../../wire/stanza.ts";

/** The profile of a business. */
export interface BusinessDescription {
  readonly description?: string;
  readonly address?: string;
  readonly email?: string;
  /** At most two in life; rc14 reads the first. */
  readonly websites?: readonly string[];
  readonly category?: string;
  readonly hours?: {
    /** E.g. `America/Sao_Paulo`. */
    readonly timezone: string;
    readonly days: readonly BusinessDay[];
  };
}

export interface BusinessDay {
  readonly day: "sun" | "mon" | "tue" | "wed" | "thu" | "fri" | "sat";
  readonly mode: "specific_hours" | "open_24h" | "appointment_only";
  /** Minutes since midnight, for `specific_hours`. */
  readonly open?: number;
  readonly close?: number;
}

/** An account that may be a business. */
interface NamedBusiness {
  readonly phone: string;
  readonly description: { readonly businessName?: string };
}

/** `<profile>` as rc14 Socket/chats.ts getBusinessProfile and whatsmeow user.go parseBusinessProfile read it. */
export function businessProfile(jid: string, business: BusinessDescription): BinaryNode {
  const { description, address, email, websites = [], category, hours } = business;
  const text = (tag: string, value: string | undefined) =>
    value === undefined ? [] : [element(tag, {}, Buffer.from(value))];
  return element("profile", { jid, tag: createHash("sha256").update(jid).digest("hex").slice(0, 10) }, [
    ...text("address", address),
    ...text("description", description),
    ...text("email", email),
    ...websites.flatMap((website) => text("website", website)),
    ...(category === undefined
      ? []
      : [element("categories", {}, [element("category", { id: "1" }, Buffer.from(category))])]),
    ...(hours ? [element("business_hours", { timezone: hours.timezone }, hours.days.map(businessDay))] : []),
  ]);
}

/**
 * `<verified_name>` with its certificate, as usync answers, `w:biz` answers and messages of a business carry it; nothing
 * for any other account (whatsmeow user.go parseVerifiedName, rc14 Utils/decode-wa-message.ts; zapo src/client/events/business.ts
 * reads `verified_level`). The signature is made up.
 */
export function verifiedName({ description: { businessName }, phone }: NamedBusiness): BinaryNode[] {
  if (businessName === undefined) return [];
  const serial = createHash("sha256").update(phone).digest().readUInt32BE();
  const details = proto.VerifiedNameCertificate.Details.encode({
    serial,
    issuer: "smb:wa",
    verifiedName: businessName,
  }).finish();
  const certificate = proto.VerifiedNameCertificate.encode({ details, signature: randomBytes(64) }).finish();
  const attrs = { v: "1", level: "unknown", verified_level: "unknown", serial: String(serial) };
  return [element("verified_name", attrs, certificate)];
}

function businessDay({ day, mode, open, close }: BusinessDay): BinaryNode {
  return element("business_hours_config", {
    day_of_week: day,
    mode,
    ...(open === undefined ? {} : { open_time: String(open) }),
    ...(close === undefined ? {} : { close_time: String(close) }),
  });
}
