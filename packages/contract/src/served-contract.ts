import type { OpenApiDocument } from "./types.gen.ts";

/**
 * @param address of the server, such as `https://wuts.example.com`; an empty one is where the document itself comes from
 * @returns the contract as a server gives it out
 */
export function servedDocument(document: OpenApiDocument, address: string): OpenApiDocument {
  return { ...document, servers: [{ ...document.servers[0], url: address || "/" }] };
}

/** @param yaml a contract that says `servers:` in block style, as ours does @returns the same text with the address */
export function servedYaml(yaml: string, address: string): string {
  return yaml.replace(
    /^(servers:\n {2}- url: ).*$/m,
    (_all, head: string) => head + JSON.stringify(address || "/"),
  );
}
