import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import type { Wuts } from "@wuts/client";
import { ConfigError } from "@wuts/server/config";
import type { Simulator } from "@wuts/whatsapp-simulator";
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import helmet from "helmet";
import { phoneOwners } from "../seed-accounts.ts";
import { Linking, type Outcome } from "./linking.ts";
import { phonePage } from "./page.ts";
import { texts } from "./texts.ts";

/** The page of the simulated phone. */
export interface Phone {
  /** With a trailing slash. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface PhoneOptions {
  readonly simulator: Simulator;
  /** An admin's client, once the server runs. */
  readonly server: Promise<Wuts>;
  /** The setting's text; `undefined` or empty for a free port. */
  readonly port: string | undefined;
}

/**
 * Starts the page on 127.0.0.1 only, since it requires no token.
 * @throws ConfigError when the port is invalid or in use
 */
export async function startPhone({ simulator, server: wuts, port }: PhoneOptions): Promise<Phone> {
  const server = createServer(phoneApp(new Linking(simulator, wuts)));
  server.listen(portOf(port), "127.0.0.1");
  await once(server, "listening").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
      throw new ConfigError("WUTS_SANDBOX_PHONE_PORT names a port that is in use already.");
    throw error;
  });
  const address = server.address();
  const actual = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${actual}/`,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function phoneApp(linking: Linking): Express {
  const app = express();
  app.disable("x-powered-by");
  // With another `NODE_ENV`, Express would send stack traces.
  app.set("env", "production");
  app.use(protect, refuseOtherHosts);
  app.get("/", (request, response) => {
    const phone = request.query.phone ?? phoneOwners[0]?.phone;
    const outcome = request.query.linked === undefined ? undefined : "linked";
    if (isKnown(phone)) show(linking, request, response, phone, outcome);
    else show(linking, request, response, undefined, "unknownPhone");
  });
  for (const name of ["style.css", "icon.svg"]) {
    const file = fileURLToPath(new URL(name, import.meta.url));
    app.get(`/${name}`, (_request, response) => response.sendFile(file));
  }
  app.post(["/scan", "/code"], express.urlencoded({ extended: false, limit: "1kb" }), (request, response) =>
    press(linking, request, response),
  );
  app.use(refuseBadBodies);
  return app;
}

/** Handles a form of the page. */
async function press(linking: Linking, request: Request, response: Response): Promise<void> {
  const { phone, code }: Record<string, unknown> = request.body ?? {};
  if (!isFromThisPage(request)) return show(linking, request, response, undefined, "foreign");
  if (!isKnown(phone)) return show(linking, request, response, undefined, "unknownPhone");
  const typed = typeof code === "string" ? code : "";
  const outcome = request.path === "/scan" ? await linking.scan(phone) : await linking.type(phone, typed);
  if (outcome === "linked") response.redirect(303, `./?phone=${phone}&linked`);
  else show(linking, request, response, phone, outcome, typed);
}

function show(
  linking: Linking,
  request: Request,
  response: Response,
  phone: string | undefined,
  outcome: Outcome | undefined,
  code = "",
): void {
  const owner = phoneOwners.find((each) => each.phone === phone) ?? phoneOwners[0];
  const language = request.acceptsLanguages("en", "pt") === "pt" ? "pt" : "en";
  response
    .status(statusOf(outcome))
    .vary("Accept-Language")
    .type("html")
    .send(
      phonePage({
        texts: texts[language],
        owners: phoneOwners,
        owner,
        devices: linking.devicesOf(owner.phone),
        outcome,
        code,
      }),
    );
}

function statusOf(outcome: Outcome | undefined): number {
  switch (outcome) {
    case undefined:
    case "linked":
      return 200;
    case "foreign":
      return 403;
    case "unknownPhone":
      return 404;
    case "malformedCode":
      return 400;
    default:
      return 409;
  }
}

function isKnown(phone: unknown): phone is string {
  return phoneOwners.some((owner) => owner.phone === phone);
}

/** Other pages can submit forms to this server. The browser's headers are the only proof that a form is from this page. */
function isFromThisPage({ headers }: Request): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return false;
  return headers.origin === `http://${headers.host}`;
}

/** Prevents DNS rebinding, by which another page could become same-origin with this one. */
const refuseOtherHosts: RequestHandler = ({ headers }, response, next) => {
  const name = URL.parse(`http://${headers.host}`)?.hostname;
  if (name === "127.0.0.1" || name === "localhost") next();
  else response.status(403).type("text").send("The phone is at 127.0.0.1 only.\n");
};

/** Responds to malformed bodies without a stack trace in the terminal. */
const refuseBadBodies: ErrorRequestHandler = (error, _request, response, next) => {
  if (isHttpError(error) && error.status < 500)
    response.status(error.status).type("text").send(`${error.message}\n`);
  else next(error);
};

function isHttpError(error: unknown): error is Error & { readonly status: number } {
  return error instanceof Error && "status" in error && typeof error.status === "number";
}

const protect = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: "deny" },
  // With `no-referrer`, browsers would send forms with the origin `null`.
  referrerPolicy: { policy: "same-origin" },
  strictTransportSecurity: false,
});

function portOf(setting: string | undefined): number {
  if (setting === undefined || setting === "") return 0;
  const port = /^\d{1,5}$/.test(setting) ? Number(setting) : Number.NaN;
  if (!(port <= 65_535))
    throw new ConfigError("WUTS_SANDBOX_PHONE_PORT must be a whole number from 0 to 65535.");
  return port;
}
