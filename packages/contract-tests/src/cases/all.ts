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

const outcomesWritten = new Set(written.map(keyOf));

/** Every case, none of which depends on another. */
export const cases: readonly Case[] = [
  ...commonCases,
  ...usualDeviceCases.filter((each) => !outcomesWritten.has(keyOf(each))),
  ...written,
];
