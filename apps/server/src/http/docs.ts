import { fileURLToPath } from "node:url";
import { Router } from "express";

/** The API page at `/docs`. It loads nothing from outside: the bundle comes from the installed package. */
export function docsPage(): Router {
  // The package exports no path to its bundle, but one to the style sheet in the folder above it.
  const styleSheet = import.meta.resolve("@scalar/api-reference/style.css");
  const bundle = fileURLToPath(new URL("browser/standalone.js", styleSheet));
  const router = Router();
  router.use((_request, response, next) => {
    response.setHeader("Content-Security-Policy", contentSecurityPolicy);
    next();
  });
  router.get("/", (_request, response) => {
    response.type("html").send(page);
  });
  router.get("/start.js", (_request, response) => {
    response.type("js").send(start);
  });
  router.get("/scalar.js", (_request, response) => {
    response.type("js").sendFile(bundle, { maxAge: "1h" });
  });
  return router;
}

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  // Scalar writes its styles into the page.
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
  </head>
  <body>
    <div id="app"></div>
    <script src="/docs/scalar.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const start = `Scalar.createApiReference("#app", {
  url: "/openapi.yaml",
  // Try-it-out asks the server that serves this page.
  servers: [{ url: location.origin, description: "This server" }],
  authentication: { preferredSecurityScheme: "bearerAuth" },
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: "never",
});
`;
