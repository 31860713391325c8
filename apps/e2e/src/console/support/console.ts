import {
  type Browser,
  type Locator,
  type Page,
  type Preferences,
  type Visit,
  visit,
} from "@wuts/server/test-support/browser";
import decodeQr from "qr/decode.js";
import sharp from "sharp";
import type { Place } from "./places.ts";

export type { Locator, Page } from "@wuts/server/test-support/browser";

/** The console in a window of its own. */
export interface ConsoleVisit extends Omit<Visit, "complaints"> {
  /** All but that a server answered an error, which is what many tests are about. */
  complaints(): readonly string[];
}

export interface ConsoleOptions extends Preferences {
  readonly width?: number;
  /** Behind the `#`. */
  readonly at?: string;
}

/** Opens the console, with no user signed in. */
export async function openConsole(
  browser: Browser,
  place: Place,
  { width = 1280, at = "", ...preferences }: ConsoleOptions = {},
): Promise<ConsoleVisit> {
  const url = `${place.url}/console/${at && `#${at}`}`;
  const { complaints, ...visited } = await visit(browser, url, width, preferences);
  return {
    ...visited,
    complaints: () => complaints.filter((one) => !one.startsWith("Failed to load resource")),
  };
}

/** Opens the console, and signs in as an admin. Texts are in English. */
export async function openSignedIn(
  browser: Browser,
  place: Place,
  options: ConsoleOptions = {},
): Promise<ConsoleVisit> {
  const visited = await openConsole(browser, place, options);
  await signIn(visited.page, place.token);
  await visited.page.getByRole("navigation").first().waitFor();
  return visited;
}

/** @param at a page, behind the `#` @returns what opens it, with an admin signed in */
export function signedInAt(at: string): (browser: Browser, place: Place) => Promise<ConsoleVisit> {
  return (browser, place) => openSignedIn(browser, place, { at });
}

export async function signIn(page: Page, token: string): Promise<void> {
  await page.locator("input[name=token]").fill(token);
  await page.locator("button[type=submit]").click();
}

/** What a phone reads that is pointed at a picture on the page. */
export async function readQr(image: Locator): Promise<string> {
  const { data, info } = await sharp(await image.screenshot())
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return decodeQr({ width: info.width, height: info.height, data: new Uint8Array(data) });
}

/** Looks a picture up. */
export async function lookUp(page: Page, who: string): Promise<void> {
  await page.getByLabel("Phone number or JID").fill(who);
  await page.getByRole("button", { name: "Find the picture" }).click();
}
