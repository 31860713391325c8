import type { Contract } from "@wuts/contract";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** Holds a value against a schema. @returns what is wrong with it; `undefined`: nothing */
export type Check = (value: unknown) => string | undefined;

/**
 * The schemas of a contract, which is read once for all of them. They are compiled when they are first looked up.
 * @returns what finds the schema at a JSON Pointer (RFC 6901) into the document, such as `/components/schemas/Device`
 */
export function schemasOf({ document }: Pick<Contract, "document">): (pointer: string) => Check {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv, { mode: "full" });
  ajv.addSchema(structuredClone(document), "contract");
  const checks = new Map<string, Check>();
  return (pointer) => {
    const known = checks.get(pointer);
    if (known) return known;
    const isAsDescribed = ajv.compile({ $ref: `contract#${encodeURI(pointer)}` });
    const check: Check = (value) =>
      isAsDescribed(value) ? undefined : ajv.errorsText(isAsDescribed.errors, { dataVar: "" });
    checks.set(pointer, check);
    return check;
  };
}
