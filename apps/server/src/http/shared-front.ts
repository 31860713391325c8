/** What the mock takes of the server, so that both accept and refuse the same requests: the mock imports nothing else of it. */
export { bodyLimitOf, ConfigError, readConfig } from "../config/config.ts";
export { Failure, validationFailure } from "../kernel/failures.ts";
export { isRole } from "../kernel/roles.ts";
export type { Violations } from "./contract/request-validator.ts";
export { createResponseValidator } from "./contract/response-validator.ts";
export { schemasOf } from "./contract/schema-compiler.ts";
export { readBodies } from "./fairness/bodies.ts";
export { Shares } from "./fairness/shares.ts";
export { createFront } from "./front.ts";
export { createHttpServer } from "./http-server.ts";
export { type AnyCaller, recordCaller, tokenIn } from "./pipeline/authenticate.ts";
export { authorize } from "./pipeline/authorize.ts";
export type { Origins } from "./pipeline/cors.ts";
export { typeSent } from "./pipeline/headers.ts";
export { operationOf } from "./pipeline/operation-matcher.ts";
export { requestIdOf } from "./pipeline/request-id.ts";
export { sendBytes } from "./responses/file-response.ts";
