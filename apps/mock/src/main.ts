import { listOutcomes, startMock } from "./mock.ts";
import { outcomesByOperation } from "./outcomes.ts";

const port = portFrom(process.env.WUTS_MOCK_PORT ?? "4010");
const mock = await startMock({ port }).catch((error: Error) => {
  stop(`WUTS_MOCK_PORT: port ${port} cannot be taken (${error.message}).`);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void mock.stop().then(() => process.exit(0)));
}

console.log(`The mock of the contract listens on ${mock.url}
Any UUID v4 is a token. Choose an outcome with the header Prefer: code=…, example=…
`);
for (const [request, outcomes] of outcomesByOperation(await listOutcomes())) {
  console.log(`${request}\n    ${outcomes.map(({ status, example }) => `${status} ${example}`).join(", ")}`);
}

function portFrom(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  return stop(`WUTS_MOCK_PORT must be a port from 0 to 65535, not ${JSON.stringify(text)}.`);
}

function stop(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
