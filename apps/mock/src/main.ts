import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";
import { serveConsole } from "@wuts/console/serve";
import { type Contract, contractYamlPath, parseContract } from "@wuts/contract";
import { type Origins, readConfig } from "@wuts/server/front";
import type { Mock } from "./mock.ts";
import { listOutcomes } from "./outcomes/outcomes.ts";
import { outcomeTable, scenarioTable } from "./outcomes/scenarios.ts";
import { reasonOf, reloader } from "./reload/reload.ts";
import { watchFile } from "./reload/watch.ts";

const port = portFrom(process.env.WUTS_MOCK_PORT ?? "4010");
const path = resolve(process.env.WUTS_MOCK_CONTRACT ?? contractYamlPath);
const corsOrigins = originsFrom(process.env.WUTS_MOCK_CORS_ORIGINS || "*");
const contract = await readContract();
const { values: flags, positionals: wanted } = readArguments();
if (flags.outcomes) {
  console.log(outcomeTable(listOutcomes(contract), wanted));
  process.exit();
}
// The console is a peer dependency, to avoid a cycle: the console depends on the client, whose tests use the mock.
const front = serveConsole();
const mock = await start(contract);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void mock.stop().then(() => process.exit(0)));
}

console.log(`The mock of the contract listens on ${mock.url}
The API page is at ${mock.url}/docs
${front ? `The console is at ${mock.url}/console/` : "There is no console: npm run build makes it."}
Any UUID v4 is a valid token. Look up a picture:

  curl -H "Authorization: Bearer 3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d" "${mock.url}/contacts/profile-picture?number=5511999999999"

These requests select these outcomes:

${scenarioTable(listOutcomes(contract))}

For any other outcome, send the header Prefer: code=…, example=…; npm run mock -- --outcomes lists them all.
The mock reloads ${basename(path)} when it changes.`);

watchFile(path, reloader(mock, path, contract.yaml), (error) => {
  console.error(
    `The mock can no longer watch ${basename(path)}; restart it after a change: ${reasonOf(error)}`,
  );
});

function portFrom(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  return stop(`WUTS_MOCK_PORT must be a port from 0 to 65535, not ${JSON.stringify(text)}.`);
}

function originsFrom(text: string): Origins {
  try {
    return readConfig({ WUTS_CORS_ORIGINS: text }).corsOrigins;
  } catch (error) {
    return stop(reasonOf(error).replaceAll("WUTS_CORS_ORIGINS", "WUTS_MOCK_CORS_ORIGINS"));
  }
}

function readArguments() {
  try {
    return parseArgs({ options: { outcomes: { type: "boolean", default: false } }, allowPositionals: true });
  } catch (error) {
    return stop(`${reasonOf(error)}. There is --outcomes [part of a request]…`);
  }
}

async function readContract(): Promise<Contract> {
  try {
    return parseContract(await readFile(path, "utf8"));
  } catch (error) {
    return stop(`WUTS_MOCK_CONTRACT: ${path} is not taken: ${reasonOf(error)}`);
  }
}

async function start(contract: Contract): Promise<Mock> {
  // Imported here, so that a wrong setting is reported without waiting for Prism.
  const { startMock } = await import("./mock.ts");
  try {
    return await startMock({ port, contract, corsOrigins, ...(front && { front }) });
  } catch (error) {
    const isOfPort = error instanceof Error && "syscall" in error && error.syscall === "listen";
    if (isOfPort) return stop(`WUTS_MOCK_PORT: port ${port} cannot be taken (${error.message}).`);
    return stop(`WUTS_MOCK_CONTRACT: ${path} is not taken: ${reasonOf(error)}`);
  }
}

function stop(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
