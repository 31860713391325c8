/** Import boundaries. The rooms of the server are listed from the top down; imports go down the list only, types included. */
const rooms = [
  "cli",
  "app",
  "observability",
  "http",
  "operations",
  "features",
  "sessions",
  "accounts",
  "whatsapp",
  "storage",
  "config",
  "kernel",
];

const notTests = "\\.test\\.ts$|/test-support/";

/** What each room must not import: every room above it, and main.ts. */
const upwardImports = rooms.map((room, index) => ({
  name: `${room}-imports-downwards`,
  comment: `src/${room} may import the rooms below it only: ${rooms.slice(index + 1).join(", ") || "none"}`,
  severity: "error",
  from: { path: `^apps/server/src/${room}/`, pathNot: notTests },
  to: { path: `^apps/server/src/((${[...rooms.slice(0, index), "faults"].join("|")})/|main\\.ts$)` },
}));

/** Features that build on others. All others know each other by nothing but what is below them. */
const featureImports = [["pictures", ["contacts"]]];
const features = ["contacts", "pictures"];

/** What each feature must not import: the other features, except those that it builds on. */
const sidewaysImports = features.map((feature) => {
  const allowed = new Map(featureImports).get(feature) ?? [];
  const others = features.filter((other) => other !== feature && !allowed.includes(other));
  return {
    name: `feature-${feature}-stands-alone`,
    comment: `src/features/${feature} may import of the other features: ${allowed.join(", ") || "none"}`,
    severity: "error",
    from: { path: `^apps/server/src/features/${feature}/`, pathNot: notTests },
    to: { path: `^apps/server/src/features/(${others.join("|") || "(?!.)"})/` },
  };
});

/**
 * Import boundaries of the simulator: what each room may import beside itself. `simulator.ts`, `snapshot.ts` and
 * `index.ts` are on top and may import all of them.
 */
const simulatorRooms = {
  wire: [],
  model: ["wire"],
  cdn: ["model", "wire"],
  faults: ["cdn", "model", "wire"],
  phone: ["faults", "cdn", "model", "wire"],
  server: ["phone", "faults", "cdn", "model", "wire"],
};

const simulatorImports = Object.entries(simulatorRooms).map(([room, below]) => ({
  name: `simulator-${room}-imports-downwards`,
  comment: `The simulator's ${room}/ may import these rooms only, types included: ${below.join(", ") || "none"}`,
  severity: "error",
  from: {
    path: `^packages/whatsapp-simulator/src/${room}/`,
    pathNot: "\\.test\\.ts$",
  },
  to: {
    path: "^packages/whatsapp-simulator/src/",
    pathNot: `^packages/whatsapp-simulator/src/(${[room, ...below].join("|")})/`,
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...upwardImports,
    ...sidewaysImports,
    {
      name: "server-has-rooms",
      comment: "Beside main.ts, everything of the server lies in a room.",
      severity: "error",
      from: {
        path: `^apps/server/src/(?!(${rooms.join("|")})/|main\\.ts$)`,
        pathNot: `${notTests}|\\/faults/`,
      },
      to: {},
    },
    {
      name: "config-imports-the-kernel-only",
      comment: "Every room of the server may read the settings, so of the rooms they know the kernel only.",
      severity: "error",
      from: { path: "^apps/server/src/config/", pathNot: "\\.test\\.ts$" },
      to: { path: "^apps/server/src/", pathNot: "^apps/server/src/(?:config|kernel)/" },
    },
    {
      name: "only-whatsapp-imports-baileys",
      comment:
        "In the server, Baileys is src/whatsapp's business, and there it is imported through protocol/baileys.ts.",
      severity: "error",
      from: { path: "^apps/server/src/", pathNot: "^apps/server/src/whatsapp/protocol/baileys\\.ts$" },
      to: { path: "@whiskeysockets/baileys" },
    },
    {
      name: "no-circles",
      comment: "Types may know each other; code that runs may not.",
      severity: "error",
      from: { pathNot: "\\.gen\\.ts$" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    ...simulatorImports,
    {
      name: "simulator-has-rooms",
      comment: "On top of the simulator's rooms are three files and tests; all other sources are in a room.",
      severity: "error",
      from: { path: "^packages/whatsapp-simulator/src/" },
      to: {
        path: "^packages/whatsapp-simulator/src/",
        pathNot: `^packages/whatsapp-simulator/src/((${[...Object.keys(simulatorRooms), "test-support"].join("|")})/|(index|simulator|snapshot)\\.ts$)`,
      },
    },
    {
      name: "simulator-without-circles",
      comment:
        "In the simulator not even types go round: what a module needs of those above it, it says itself.",
      severity: "error",
      from: { path: "^packages/whatsapp-simulator/src/", pathNot: "\\.test\\.ts$|/test-support/" },
      to: { circular: true },
    },
    {
      name: "packages-import-no-apps",
      comment:
        "Packages are built on by apps, not the other way round, tests included: what needs apps is in apps/e2e.",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^apps/" },
    },
    {
      name: "mock-has-the-servers-front",
      comment: "Of the server, the mock takes what is before the handlers, which is named in one file.",
      severity: "error",
      from: { path: "^apps/mock/src/", pathNot: "\\.test\\.ts$" },
      to: { path: "^apps/server/", pathNot: "^apps/server/src/http/shared-front\\.ts$" },
    },
    {
      name: "no-import-of-e2e",
      comment: "The tests of everything together import everything; nothing is built on them.",
      severity: "error",
      from: { pathNot: "^apps/e2e/" },
      to: { path: "^apps/e2e/" },
    },
    {
      name: "no-import-of-console",
      comment: "The console is served as it was built, by its serve.ts; its sources are its own.",
      severity: "error",
      from: { pathNot: "^apps/console/" },
      to: { path: "^apps/console/", pathNot: "^apps/console/serve\\.ts$" },
    },
    {
      name: "console-knows-the-client-only",
      comment:
        "The console is a client like any other. Its tests may start what answers it, and what serves it runs in Node.",
      severity: "error",
      from: { path: "^apps/console/src/" },
      to: { path: "^(?:apps/(?!console/src/)|examples/|packages/(?!client/))" },
    },
    {
      name: "console-serves-without-apps",
      severity: "error",
      from: { path: "^apps/console/serve\\.ts$" },
      to: { path: "^(?:apps|packages|examples)/" },
    },
    {
      name: "no-test-support-in-production",
      severity: "error",
      from: {
        path: "/src/",
        pathNot: "\\.(test|cases)\\.ts$|/test-support/|^apps/e2e/|^packages/contract-cases/",
      },
      to: { path: "/test-support/|\\.(test|cases)\\.ts$|^packages/contract-cases/" },
    },
    {
      name: "nothing-undeclared",
      comment:
        "What is imported is declared in the importing package, so that each package can be taken out.",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(apps|packages)/[^/]+/dist/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
