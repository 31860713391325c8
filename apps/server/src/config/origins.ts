/** Origins as browsers write them: scheme, host, and a port that is not the scheme's own. */
export function parseOrigins(text: string): "*" | readonly string[] | undefined {
  const origins = text.split(",").map((origin) => origin.trim());
  if (origins.length === 1 && origins[0] === "*") return "*";
  return origins.every((origin) => /^https?:[^*]+$/.test(origin) && isOrigin(origin)) ? origins : undefined;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
