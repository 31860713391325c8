import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describeUnless } from "@wuts/testing/needs";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";

export type { Browser, Locator, Page } from "playwright-core";

/** Bounds failure only: nothing waits this long unless it is broken. */
const limitMs = 50_000;

/**
 * A host name that tests' browsers find on 127.0.0.1. A page from it is one from another machine for the browser: it is
 * not trusted as loopback is, has no clipboard and no `crypto.subtle`, and is proxied by what spares local names such as
 * those in `.test`.
 */
export const otherHost = "wuts.example.com";

/** Where Chromium is; nothing when it is not installed. */
const executablePath =
  process.env.WUTS_TEST_CHROMIUM ||
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
    existsSync(path),
  );

const missing =
  "no Chromium on this machine; install it (apt-get install chromium), or name its path in WUTS_TEST_CHROMIUM";

/** `describe` for tests that need a browser. */
export function describeInBrowser(title: string, suite: () => void): void {
  describeUnless(executablePath === undefined ? missing : undefined, title, suite);
}

/**
 * Starts a headless Chromium, which finds no host but 127.0.0.1 and `otherHost`. The caller closes it.
 * @throws Error when none is installed
 */
export async function startBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(missing);
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--host-resolver-rules=MAP ${otherHost} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
    ],
  });
}

/** A request of a page to a server. */
export interface PageRequest {
  readonly method: string;
  readonly url: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A page that is open in a window of its own, and everything that happened since. */
export interface Visit {
  readonly page: Page;
  /** To the server of the page. Those to others are refused, and complaints. */
  readonly requests: readonly PageRequest[];
  /** Errors and warnings on the console, exceptions, violations of the content security policy, requests elsewhere. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** The settings of a user's browser. */
export interface Preferences {
  readonly colorScheme?: "light" | "dark";
  /** As `pt-BR`. */
  readonly locale?: string;
}

/** Opens a page without cookies, storage or cache of an earlier one. @param width of the window, in CSS pixels */
export async function visit(
  browser: Browser,
  url: string,
  width = 1280,
  preferences: Preferences = {},
): Promise<Visit> {
  const { origin } = new URL(url);
  const viewport = { width, height: 900 };
  const context = await browser.newContext({ viewport, reducedMotion: "reduce", ...preferences });
  context.setDefaultTimeout(limitMs);
  const requests: PageRequest[] = [];
  const complaints: string[] = [];
  await context.route("**/*", (route) => {
    const request = route.request();
    const asked = { method: request.method(), url: request.url(), headers: request.headers() };
    if (new URL(asked.url).origin === origin) {
      requests.push(asked);
      return route.continue();
    }
    complaints.push(`asked another server: ${asked.method} ${asked.url}`);
    return route.abort();
  });
  await context.addInitScript(`addEventListener("securitypolicyviolation", (violation) => {
    console.error("refused by the content security policy:", violation.violatedDirective, violation.blockedURI);
  })`);
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, requests, complaints, close: () => context.close() };
}

/** Waits until a page shows something. @throws AssertionError when it does not in time */
export async function assertShows(shown: Locator): Promise<void> {
  await assert.doesNotReject(shown.waitFor());
}
