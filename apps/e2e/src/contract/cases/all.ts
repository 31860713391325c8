import type { Case } from "../case.ts";
import { keyOf } from "../coverage.ts";
import { auditCases } from "./audit.ts";
import { contactCases } from "./contacts.ts";
import { contactListCases } from "./contacts-list.ts";
import { deviceCases } from "./devices.ts";
import { commonCases, usualDeviceCases } from "./every-operation.ts";
import { pairingCases } from "./pairing.ts";
import { peopleOnWhatsAppCases } from "./people-on-whatsapp.ts";
import { pictureCases } from "./pictures.ts";
import { scenarioCases } from "./scenarios.ts";
import { sessionCases } from "./session.ts";
import { systemCases } from "./system.ts";
import { tenantCases } from "./tenants.ts";
import { tokenCases } from "./tokens.ts";
import { userCases } from "./users.ts";

const written: readonly Case[] = [
  ...systemCases,
  ...deviceCases,
  ...pairingCases,
  ...sessionCases,
  ...contactCases,
  ...peopleOnWhatsAppCases,
  ...contactListCases,
  ...pictureCases,
  ...userCases,
  ...tokenCases,
  ...tenantCases,
  ...auditCases,
];

const hasOwnCase = new Set([...commonCases, ...written].map(keyOf));
const scenarios = scenarioCases.filter((each) => !hasOwnCase.has(keyOf(each)));
const isShown = new Set(scenarios.map(keyOf));

/**
 * Every case. Nothing is written that the contract shows, or that is usual for devices. How WhatsApp fails comes first: what it
 * has answered well is remembered, and not asked again.
 */
export const cases: readonly Case[] = [
  ...commonCases,
  ...usualDeviceCases.filter((each) => !hasOwnCase.has(keyOf(each)) && !isShown.has(keyOf(each))),
  ...scenarios,
  ...written,
];
