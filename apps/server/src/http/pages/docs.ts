import { fileURLToPath } from "node:url";
import type { Contract } from "@wuts/contract";
import { Router } from "express";
import { revalidate } from "../pipeline/headers.ts";
import { documentOfPage } from "./docs-document.ts";

/** The API page at `/docs`. It loads nothing from outside: the bundle comes from the installed package. */
export function docsPage(contract: Contract): Router {
  // The package exports no path to its bundle, but one to the style sheet in the folder above it.
  const packagedStyle = import.meta.resolve("@scalar/api-reference/style.css");
  const bundle = fileURLToPath(new URL("browser/standalone.js", packagedStyle));
  const document = documentOfPage(contract);
  const router = Router();
  router.use((_request, response, next) => {
    response.setHeader("Content-Security-Policy", contentSecurityPolicy);
    response.setHeader("Cache-Control", revalidate);
    next();
  });
  router.get("/", (_request, response) => {
    response.type("html").send(page);
  });
  router.get("/start.js", (_request, response) => {
    response.type("js").send(start);
  });
  router.get("/scalar.js", (_request, response) => {
    response.setHeader("Cache-Control", "public, max-age=3600");
    response.type("js").sendFile(bundle);
  });
  router.get("/style.css", (_request, response) => {
    response.type("css").send(style);
  });
  router.get("/icon.svg", (_request, response) => {
    response.type("svg").send(icon);
  });
  router.get("/contract.json", (_request, response) => {
    response.json(document);
  });
  return router;
}

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  // Scalar's script makes `<style>` elements out of its style sheets and sets `style` attributes, with texts that are not
  // known beforehand. Without 'unsafe-inline' the page has no layout.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>WUTS API</title>
    <link rel="icon" href="/docs/icon.svg">
    <link rel="stylesheet" href="/docs/style.css">
    <script src="/docs/start.js"></script>
  </head>
  <body>
    <div id="app"></div>
    <script src="/docs/scalar.js"></script>
  </body>
</html>
`;

const start = `// The bundle contains Zod, which would try whether it may compile code; the policy of this page says no.
globalThis.__zod_globalConfig = { jitless: true };

addEventListener("DOMContentLoaded", () => {
  Scalar.createApiReference("#app", {
    url: "/docs/contract.json",
    // Try-it-out asks the server that serves this page.
    servers: [{ url: location.origin, description: "This server" }],
    authentication: { preferredSecurityScheme: "bearerAuth" },
    defaultOpenAllTags: true,
    // Addresses of operations that stay when a path or a summary changes: /docs#tag/contacts/getContactProfilePicture
    generateOperationSlug: ({ operationId }) => operationId,
    withDefaultFonts: false,
    telemetry: false,
    agent: { disabled: true },
    mcp: { disabled: true },
    hideClientButton: true,
    showDeveloperTools: "never",
    // What it would download is the page's variant of the contract; the contract itself has two operations.
    documentDownloadType: "none",
    // Scalar's own text, "Selected Auth Type: …", has no room where it stands.
    localization: { translations: { apiClient: { authSelector: { selectedType: "{type}" } } } },
  });
});
`;

const style = `/* Links to scalar.com and its picture: advertising, and without internet they lead nowhere. */
a[href^="https://www.scalar.com"], .scalar-client .ascii-art { display: none !important; }

/* All statuses of an operation, not only those that fit into one line. */
#app .response-card .scalar-card-header { align-items: flex-start; overflow: visible; }
#app .response-card .scalar-card-header-title { overflow: visible; white-space: normal; }
#app .response-card .tab-list { flex-wrap: wrap; overflow: visible; }
#app .response-card .tab-selected::after { bottom: 0; }

/* The operation that an address leads to has the focus, but cannot be operated: its frame is only in the way. */
#app .section:focus { outline: none; }

/* On a phone this button would cover the address. */
@media (max-width: 767px) {
  .scalar-client .scalar-sidebar-toggle { display: none !important; }
}
`;

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect width="32" height="32" rx="7" fill="#128c7e"/>
  <path d="M6 10l5 13 5-10 5 10 5-13" fill="none" stroke="#fff" stroke-width="3" stroke-linejoin="round"/>
</svg>
`;
