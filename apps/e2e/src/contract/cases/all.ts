import type { Case } from "@wuts/contract-cases";
import { accounts } from "../../support/accounts.ts";
import { keyOf } from "../coverage.ts";
import { casesBesideHandlers } from "./beside-handlers.ts";
import { commonCases, usualDeviceCases } from "./every-operation.ts";
import { firstAnswers, scenarioCases } from "./scenarios.ts";

const handlers = new URL(import.meta.resolve("@wuts/server/handlers"));
const written = await casesBesideHandlers(new URL("./", handlers), accounts);

const isWritten = new Set([...commonCases, ...written].map(keyOf));
const scenarios = scenarioCases.filter((each) => !isWritten.has(keyOf(each)));
const isShown = new Set([...isWritten, ...scenarios.map(keyOf)]);

/**
 * Every case. Nothing is written that the contract shows, or that is usual. How WhatsApp fails comes first: what it has
 * answered well is remembered, and not asked again.
 */
export const cases: readonly Case[] = [
  ...commonCases,
  ...[...usualDeviceCases, ...firstAnswers].filter((each) => !isShown.has(keyOf(each))),
  ...scenarios,
  ...written,
];
