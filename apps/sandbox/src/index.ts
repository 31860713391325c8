export { crowdNumbers } from "./bulk-accounts.ts";
export { takenEmail, takenTenant } from "./conflict-fixtures.ts";
export { consoleLink, type Sandbox, startSandbox } from "./sandbox.ts";
export { addPeople, bugNumber, groups, nobody, owner, people } from "./seed-accounts.ts";
