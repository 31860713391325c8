export { bulkNumbers } from "./bulk-accounts.ts";
export { takenEmail, takenTenant } from "./conflict-fixtures.ts";
export { consoleLink, type Sandbox, startSandbox } from "./sandbox.ts";
export {
  addSeedAccounts,
  bugNumber,
  groups,
  owner,
  seedAccounts,
  unregisteredNumber,
} from "./seed-accounts.ts";
