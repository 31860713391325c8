import type { Contract } from "@wuts/contract";
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { onceForContract } from "./once-for-contract.ts";

/** The schemas of a contract, to hold values against. Each is compiled once, when it is first needed. */
export class Schemas {
  readonly #compiled = new Map<string, ValidateFunction>();
  // The check of the contract has validated the schemas before.
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });

  constructor({ document }: Contract) {
    addFormats.default(this.#ajv, { mode: "full" });
    this.#ajv.addSchema(structuredClone(document), "contract");
  }

  /** @param schema of the contract, as it is written there: its references lead there */
  compile(schema: object): ValidateFunction {
    const text = JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"contract#/');
    const compiled = this.#compiled.get(text) ?? this.#ajv.compile(JSON.parse(text));
    this.#compiled.set(text, compiled);
    return compiled;
  }

  /** @returns what is wrong, for whoever runs the server */
  inWords(errors: ErrorObject[] | null | undefined): string {
    return this.#ajv.errorsText(errors, { dataVar: "" });
  }
}

export const schemasOf = onceForContract((contract) => new Schemas(contract));
