import { asList, asObject, type Json } from "./document.ts";
import { asOpenApi30 } from "./openapi-3-0.ts";
import type { Contract } from "./parse-contract.ts";
import type { OpenApiDocument } from "./types.gen.ts";

/**
 * What the operations that give the contract out answer, by `operationId`, on the server and on the mock. The address is that of
 * the server, such as `https://wuts.example.com`; an empty one is where the document itself comes from.
 */
export const servedContracts = {
  getContractJson: ({ document }: Contract, address: string) => servedDocument(document, address),
  getContractOpenapi30: ({ document }: Contract, address: string) =>
    servedDocument(asOpenApi30(document), address),
  /** The contract's own text, which says `servers:` in block style, as ours does. */
  getContractYaml: ({ yaml }: Contract, address: string) =>
    yaml.replace(
      /^(servers:\n {2}- url: ).*$/m,
      (_all, head: string) => head + JSON.stringify(address || "/"),
    ),
} as const;

/** An operation that gives the contract out. */
export type ContractOperation = keyof typeof servedContracts;

export function isContractOperation(operationId: string | undefined): operationId is ContractOperation {
  return operationId !== undefined && Object.hasOwn(servedContracts, operationId);
}

function servedDocument(document: OpenApiDocument, address: string): OpenApiDocument {
  return { ...document, servers: [{ ...document.servers[0], url: address || "/" }] };
}

/**
 * Derives a contract each of whose operations takes one parameter more, which only some kind of server takes.
 * @param contract says its paths in block style, the parameters of a path first, as ours does; else its text stays as it is
 * @param name of the component that the operations refer to
 */
export function withParameter(contract: Contract, name: string, parameter: Json): Contract {
  const { document, yaml } = contract;
  const reference = { $ref: `#/components/parameters/${name}` };
  const paths = Object.entries(document.paths).map(([path, item]) => [
    path,
    { ...asObject(item), parameters: [reference, ...asList(asObject(item).parameters)] },
  ]);
  const components = asObject(document.components);
  const parameters = { [name]: parameter, ...asObject(components.parameters) };
  return {
    ...contract,
    document: {
      ...document,
      paths: Object.fromEntries(paths),
      components: { ...components, parameters },
    } as OpenApiDocument,
    yaml: yaml
      .replaceAll(
        /^( {2}\/.*:\n)(?: {4}parameters:\n)?/gm,
        (_all, path: string) => `${path}    parameters:\n      - $ref: ${JSON.stringify(reference.$ref)}\n`,
      )
      .replace(/^ {2}parameters:\n/m, (head) => `${head}    ${name}: ${JSON.stringify(parameter)}\n`),
  };
}
