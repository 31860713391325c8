import { bytesOf, type WireRequest } from "./wire.ts";

/**
 * @param tokens none of which is to be shown
 * @returns a shell command that sends the request again, byte by byte; it asks for `$TOKEN`, `$HOST` and `$PORT`
 */
export function asCommand(request: WireRequest, tokens: readonly string[]): string {
  const values: string[] = [];
  const format = bytesOf(request)
    .toString("latin1")
    .replaceAll(new RegExp(`(${tokens.join("|")})|(.)\\2{99,}|.`, "gs"), (part, isToken?: string) => {
      if (part.length === 1) return inFormat(part);
      values.push(isToken ? '"$TOKEN"' : repeated(part));
      return "%s";
    });
  return [`printf '${format}'`, ...values, '| nc -w 5 "$HOST" "$PORT"'].join(" ");
}

/** @returns how `printf` is told the character */
function inFormat(character: string): string {
  if (character === "%") return "%%";
  return /[\x20-\x7e]/.test(character) && !"'\\".includes(character) ? character : octal(character);
}

function repeated(run: string): string {
  return `"$(head -c ${run.length} /dev/zero | tr '\\0' '${octal(run.charAt(0))}')"`;
}

function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
}
