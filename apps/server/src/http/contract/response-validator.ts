import type { Contract, OperationDescription } from "@wuts/contract";
import { asObject, type Json, operationIn, resolveIn } from "@wuts/contract/document";
import type { Request, Response } from "express";
import { Failure } from "../../kernel/failures.ts";
import { operationOf } from "../pipeline/operation-matcher.ts";
import type { Violations } from "./request-validator.ts";
import { answersOf, type Schemas } from "./schema-compiler.ts";

/** Sends JSON. @throws Failure InternalError, before anything is sent, when the JSON breaks the contract */
export type SendJson = (request: Request, response: Response, status: number, body: unknown) => void;

/**
 * Creates a function that validates response JSON against the strict view of the contract and sends it. Errors from 500 on are not validated: the
 * server sends them when something is wrong.
 */
export function createResponseValidator(
  contract: Contract,
  schemas: Schemas,
  violations: Violations,
): SendJson {
  const document = answersOf(contract);
  const checks = new Map<OperationDescription, Map<number, Check>>();

  const checkOf = (operation: OperationDescription, status: number): Check => {
    const described = asObject(operationIn(document, operation).responses)[status];
    if (described === undefined) return () => `${status} is not described`;
    const schema = jsonSchemaOf(document, described);
    if (schema === undefined) return () => `no JSON is described for ${status}`;
    const isAsDescribed = schemas.compile(schema);
    return (body) => (isAsDescribed(body) ? undefined : schemas.inWords(isAsDescribed.errors));
  };

  return (request, response, status, body) => {
    const operation = operationOf(request);
    if (operation && isChecked(status)) {
      const known = checks.get(operation) ?? new Map<number, Check>();
      const check = known.get(status) ?? checkOf(operation, status);
      checks.set(operation, known.set(status, check));
      const reason = check(body);
      if (reason !== undefined) {
        violations.report(request, reason);
        if (violations.fail) throw new Failure("InternalError", { cause: reason });
      }
    }
    const text = JSON.stringify(body);
    response.status(status);
    response.setHeader("Content-Type", "application/json; charset=utf-8");
    response.setHeader("Content-Length", Buffer.byteLength(text));
    response.end(text);
  };
}

/** @returns the schemas that the JSON of an operation's responses must match */
export function responseSchemas(contract: Contract, operation: OperationDescription): Json[] {
  const document = answersOf(contract);
  return Object.entries(asObject(operationIn(document, operation).responses))
    .filter(([status]) => isChecked(Number(status)))
    .map(([, described]) => jsonSchemaOf(document, described))
    .filter((schema) => schema !== undefined);
}

function isChecked(status: number): boolean {
  return status < 500;
}

function jsonSchemaOf(document: Contract["document"], described: unknown): Json | undefined {
  const content = asObject(resolveIn(document, described).content);
  const { schema } = asObject(content["application/json"]);
  return schema === undefined ? undefined : asObject(schema);
}

/** @returns the violation, or `undefined` when the body matches */
type Check = (body: unknown) => string | undefined;
