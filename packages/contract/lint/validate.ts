import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Json } from "./redocly.ts";

const validators = new WeakMap<Json, Ajv2020>();

/**
 * Tells whether a value is as a schema of the contract says, formats included.
 * @param root the whole contract, for the references in `schema`
 * @returns what is wrong, such as `it must match format "uuid"`, or `undefined`
 */
export function problemOf(value: unknown, schema: unknown, root: Json): string | undefined {
  const ajv = validators.get(root) ?? validatorOf(root);
  validators.set(root, ajv);
  const validate = ajv.compile(
    JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#', '"$ref":"contract#')),
  );
  return validate(value) ? undefined : ajv.errorsText(validate.errors, { dataVar: "it" });
}

function validatorOf(root: Json): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, validateSchema: false });
  addFormats.default(ajv);
  return ajv.addSchema(root, "contract");
}
