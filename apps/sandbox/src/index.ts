export { crowdNumbers } from "./crowd.ts";
export { addPeople, bugNumber, groups, nobody, owner, people } from "./people.ts";
export { consoleLink, type Sandbox, startSandbox } from "./sandbox.ts";
export { takenEmail, takenTenant } from "./taken.ts";
