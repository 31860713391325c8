import { bareView, type Contract, onceFor, strictView } from "@wuts/contract";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** @returns the contract as answers are held against it: its strict view, without what describes and shows */
export function answersOf({ document }: Contract): Contract["document"] {
  return strictView(bareView(document));
}

/** The schemas of the strict view of a contract, compiled on first use and once each, to validate answers against. */
export class Schemas {
  readonly #compiled = new Map<string, ValidateFunction>();
  // The check of the contract has already validated the schemas.
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });

  constructor(contract: Contract) {
    addFormats.default(this.#ajv, { mode: "full" });
    this.#ajv.addSchema(answersOf(contract), "contract");
  }

  /** @param schema a schema as `answersOf` has it, where its references point to */
  compile(schema: object): ValidateFunction {
    const text = JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"contract#/');
    const compiled = this.#compiled.get(text) ?? this.#ajv.compile(JSON.parse(text));
    this.#compiled.set(text, compiled);
    return compiled;
  }

  /** @returns a description of the errors, for the operator */
  inWords(errors: ErrorObject[] | null | undefined): string {
    return this.#ajv.errorsText(errors, { dataVar: "" });
  }
}

export const schemasOf = onceFor((contract: Contract) => new Schemas(contract));
