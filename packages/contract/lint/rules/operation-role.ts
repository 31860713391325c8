import { list, object, type Rule } from "../redocly.ts";

const roles = ["public", "user", "manager", "admin", "master", "metrics"];

/**
 * Each operation says who may call it: `x-role`. It is `public` exactly when the operation takes no token, `master` exactly
 * when it takes the server's own, and `metrics` exactly when it takes the server's own for metrics, or none where none is set.
 */
export const operationRole: Rule = () => {
  let securityOfAll: unknown;
  return {
    Root(root) {
      securityOfAll = root.security;
    },
    Operation(operation, { report, location }) {
      const role = operation["x-role"];
      const security = list(operation.security ?? securityOfAll);
      if (!roles.includes(String(role)))
        report({
          message: `\`x-role\` says who may call this: ${roles.join(", ")}.`,
          location: "x-role" in operation ? location.child(["x-role"]) : location,
        });
      else if (role === "public" && security.length > 0)
        report({
          message: "What is public takes no token: `security: []`.",
          location: location.child(["x-role"]),
        });
      else if ((role === "metrics") !== isFor("metricsToken", security))
        report({
          message: "`x-role: metrics` and `security: [{}, { metricsToken: [] }]` go together.",
          location: location.child(["x-role"]),
        });
      else if (role !== "public" && role !== "metrics" && !asksForToken(security))
        report({
          message: "Who calls this is known by a token only, so `security` must ask for one.",
          location: location.child(["x-role"]),
        });
      else if ((role === "master") !== takesOnly("masterToken", security))
        report({
          message: "`x-role: master` and the security scheme `masterToken` go together.",
          location: location.child(["x-role"]),
        });
    },
  };
};

function takesOnly(scheme: string, security: readonly unknown[]): boolean {
  return security.length > 0 && security.every((requirement) => scheme in object(requirement));
}

/** With the scheme or without a token, and in no other way. */
function isFor(scheme: string, security: readonly unknown[]): boolean {
  const [nothing, token, ...others] = security.map((requirement) => Object.keys(object(requirement)));
  return nothing?.length === 0 && token?.join() === scheme && others.length === 0;
}

/** An empty requirement, `{}`, lets callers without a token in. */
function asksForToken(security: readonly unknown[]): boolean {
  return security.length > 0 && security.every((requirement) => Object.keys(object(requirement)).length > 0);
}
