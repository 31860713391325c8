import { type Context, isObject, type Json, type Location, object, type Rule } from "../redocly.ts";

/**
 * What looks like a secret by its name says whether it is one, `x-redact: true` or `false`: the server never logs what
 * is. It is said on the property, parameter or header itself, or on the schema it refers to.
 */
export const redactSecrets: Rule = () => ({
  SchemaProperties(properties, context) {
    for (const [name, property] of Object.entries(properties))
      demandAnswer(name, [property, context.resolve(property).node], context.location.child([name]), context);
  },
  Parameter(parameter, context) {
    demandAnswer(String(parameter.name), withSchema(parameter, context), context.location, context);
    demandBoolean(parameter, context);
  },
  HeadersMap(headers, context) {
    for (const [name, header] of Object.entries(headers))
      demandAnswer(
        name,
        withSchema(object(context.resolve(header).node), context),
        context.location.child([name]),
        context,
      );
  },
  Header: demandBoolean,
  Schema: demandBoolean,
});

const secretWords = [
  ...["token", "secret", "password", "passwd", "passphrase", "passcode", "passkey", "pin", "otp", "code"],
  ...["authorization", "bearer", "cookie", "credential", "signature", "key", "apikey", "jwt"],
  // A QR code as a picture is the code still.
  ...["image", "qr"],
];

function demandAnswer(name: string, said: readonly unknown[], location: Location, { report }: Context): void {
  if (!looksSecret(name) || said.some((schema) => isObject(schema) && "x-redact" in schema)) return;
  if (said.some((schema) => isObject(schema) && cannotBeSecret(schema))) return;
  report({ message: `\`${name}\` looks like a secret: say \`x-redact: true\` or \`false\`.`, location });
}

function demandBoolean(node: Json, { report, location }: Context): void {
  if (isObject(node) && "x-redact" in node && typeof node["x-redact"] !== "boolean")
    report({ message: "`x-redact` is `true` or `false`.", location: location.child(["x-redact"]) });
}

function looksSecret(name: string): boolean {
  return name.split(/[_-]/).some((word) => secretWords.includes(word.toLowerCase().replace(/s$/, "")));
}

/** Values that the contract itself lists are known to everyone. */
function cannotBeSecret(schema: Json): boolean {
  const types = [schema.type].flat();
  return (
    "enum" in schema || "const" in schema || types.every((type) => type === "boolean" || type === "null")
  );
}

function withSchema(node: Json, context: Context): readonly unknown[] {
  return [node, node.schema, context.resolve(node.schema).node];
}
