import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";
import { serveConsole } from "@wuts/console/serve";
import { type Contract, contractYamlPath, parseContract } from "@wuts/contract";
import type { Mock } from "./mock.ts";
import { listOutcomes } from "./outcomes/outcomes.ts";
import { outcomeTable, scenarioTable } from "./outcomes/scenarios.ts";
import { reasonOf, reloader } from "./reload/reload.ts";
import { watchFile } from "./reload/watch.ts";

const port = portFrom(process.env.WUTS_MOCK_PORT ?? "4010");
const path = resolve(process.env.WUTS_MOCK_CONTRACT ?? contractYamlPath);
const contract = await readContract();
const { values: flags, positionals: wanted } = readArguments();
if (flags.outcomes) {
  console.log(outcomeTable(listOutcomes(contract), wanted));
  process.exit();
}
// The console is a peer: as a dependency it would close a circle, by the client, whose tests ask the mock.
const front = serveConsole();
const mock = await start(contract);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void mock.stop().then(() => process.exit(0)));
}

console.log(`The mock of the contract listens on ${mock.url}
${front ? `The console is at ${mock.url}/console/` : "There is no console: npm run build makes it."}
Any UUID v4 is a token. These requests are answered so by themselves:

${scenarioTable(listOutcomes(contract))}

Any other outcome: the header Prefer: code=…, example=…; npm run mock -- --outcomes lists all of them.
Changes of ${basename(path)} are taken while the mock runs.`);

watchFile(path, reloader(mock, path, contract.yaml), (error) => {
  console.error(`From now on, changes of ${basename(path)} take a restart of the mock: ${reasonOf(error)}`);
});

function portFrom(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  return stop(`WUTS_MOCK_PORT must be a port from 0 to 65535, not ${JSON.stringify(text)}.`);
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
  // Loaded here, so that a wrong setting is told without waiting for Prism.
  const { startMock } = await import("./mock.ts");
  try {
    return await startMock({ port, contract, ...(front && { front }) });
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
