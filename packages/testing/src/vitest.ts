import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig, type TestProjectInlineConfiguration, type ViteUserConfig } from "vitest/config";
import type { InlineConfig } from "vitest/node";

const everyTest = "**/*.test.ts";
const notOurs = ["**/node_modules/**", "**/dist/**"];

/**
 * Test files whose names end so need what not every machine has, or take long: a browser, tools and runtimes of others,
 * kills and loads of minutes. `npm run test:all` runs them, `npm test` all others.
 */
const thoroughTests = ["browser", "foreign", "long"].map((kind) => `**/*.${kind}.test.ts`);
const postgresTests = ["**/*.postgres.test.ts"];

/** What came of the tests, for the root's count: `reports/test-all.json` for the npm script `test:all`. */
const { npm_lifecycle_event: script } = process.env;
const report = script?.startsWith("test") ? `reports/${script.replaceAll(":", "-")}.json` : undefined;

/**
 * The vitest configuration of every package: `export default vitestConfig()`.
 *
 * Its projects are `quick` (`npm test`), `thorough` and `postgres` (`npm run test:all`). Without `--project` all of them run,
 * so that `npx vitest run <part of a path>` in a package finds every file.
 */
export function vitestConfig(): ViteUserConfig {
  return defineConfig({
    test: {
      projects: [
        project("quick", [everyTest], [...thoroughTests, ...postgresTests]),
        project("thorough", thoroughTests, [], { testTimeout: 240_000, hookTimeout: 240_000 }),
        project("postgres", postgresTests),
      ],
      // Workers are processes: tests start servers, send signals and count open handles.
      pool: "forks",
      // Vitest's own choice on two cores is one worker, but tests wait more than they compute.
      maxWorkers: Math.max(2, availableParallelism()),
      // Files of one worker share what they import: importing everything for each file took a quarter of the time. No
      // module keeps state, so many servers can run in one process.
      isolate: false,
      // Node imports the sources itself, as it does for users.
      experimental: { viteModuleRunner: false, nodeLoader: false },
      setupFiles: ["assertions", "baileys-timers", "environment", "open-handles", "unread-answers"].map(
        (name) => fileURLToPath(new URL(`setup/${name}.ts`, import.meta.url)),
      ),
      // They bound failure only: sockets, processes and databases, on a machine that has other work, too.
      testTimeout: 120_000,
      hookTimeout: 120_000,
      passWithNoTests: true,
      coverage: {
        provider: "v8",
        include: ["src/**"],
        exclude: ["**/*.test.ts", "**/*.cases.ts", "**/test-support/**", "**/*.gen.ts"],
        reporter: ["text-summary", "html"],
        reportsDirectory: "reports/coverage",
      },
      reporters: [
        ["default", { summary: false }],
        fileURLToPath(new URL("reporter.ts", import.meta.url)),
        ...(report === undefined ? [] : ([["json", { outputFile: report }]] as ["json", object][])),
      ],
      // Files are listed with their time. A line for each test that takes longer than most would say nothing.
      slowTestThreshold: 60_000,
    },
  });
}

function project(
  name: string,
  include: string[],
  exclude: string[] = [],
  timeouts: Pick<InlineConfig, "testTimeout" | "hookTimeout"> = {},
): TestProjectInlineConfiguration {
  return { extends: true, test: { name, include, exclude: [...notOurs, ...exclude], ...timeouts } };
}
