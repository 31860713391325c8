import type { TargetParameters } from "./target-parameters.ts";

/** The parameters of `GET /contacts/profile-picture`. */
export type PictureQuery = TargetParameters & { readonly preview: boolean; readonly device_id: string };

/** The request as a curl command, without the token. */
export function asCurl(baseUrl: string, query: PictureQuery): string {
  const url = new URL(`${baseUrl}/contacts/profile-picture`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return `curl -H "Authorization: Bearer $WUTS_TOKEN" \\\n  ${quoted(url.href)}`;
}

/** The request as a program with `@wuts/client`, without the token. */
export function asSdk(baseUrl: string, query: PictureQuery): string {
  const fields = Object.entries(query).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`);
  return [
    'import { createWuts } from "@wuts/client";',
    "",
    `const wuts = createWuts({ baseUrl: ${JSON.stringify(baseUrl)}, token: process.env.WUTS_TOKEN ?? "" });`,
    "const picture = await wuts.contacts.getProfilePicture({",
    ...fields,
    "});",
    "console.log(picture.url);",
  ].join("\n");
}

/** Quotes a text as one word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
