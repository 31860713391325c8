import { isRole, mayActAs } from "@wuts/server/roles";
import fc from "fast-check";
import { tokenFor } from "../../support/ask.ts";
import type { Surroundings, ValidRequest } from "../valid.ts";
import { type Kind, rewritten, spoiled, type WrongRequest, withHeader, withItem } from "./wrong.ts";

/** What can be wrong about who asks. */
export const callerKinds: Readonly<Record<string, Kind>> = {
  "no token": forCallers((request, around) => fc.constant(withAuthorization(request, around, undefined))),

  "malformed token": forCallers((request, around) =>
    fc
      .constantFrom(...malformed)
      .map((write) =>
        withAuthorization(request, around, write(tokenFor(request.described.operation, around))),
      ),
  ),

  "foreign token": forCallers((request, around) =>
    fc
      .tuple(fc.uuid({ version: 4 }), fc.constantFrom("Bearer ", "bearer "))
      .map(([token, scheme]) => withAuthorization(request, around, scheme + token)),
  ),

  "role too low": (described, around) => {
    const { role } = described.operation;
    const below = Object.entries({ ...around.lesserTokens, admin: around.token }).filter(
      ([held]) => isRole(held) && (role === "master" || (isRole(role) && !mayActAs(held, role))),
    );
    return below.length === 0 ? [] : forRoles(below, 403)(described, around);
  },

  "master token": (described, around) =>
    described.operation.role === "master"
      ? []
      : forRoles([["master", around.masterToken]], 401)(described, around),

  "token for metrics": (described, around) =>
    described.operation.role === "metrics"
      ? forRoles([["admin", around.token]], 401)(described, around)
      : forRoles([["metrics", around.metricsToken]], 401)(described, around),

  "token in the query": (described, around) =>
    spoiled(described, around, (request) =>
      fc.constantFrom("token", "access_token", "api_key", "authorization").map((name) => ({
        wire: rewritten(request, around, (wire) => ({
          target: withItem(wire.target, `${name}=${tokenFor(described.operation, around)}`),
          headers: withHeader(wire, "Authorization", undefined),
        })),
        why: `the token is in query ${name}`,
        statuses: described.operation.public ? [400] : [400, 401],
      })),
    ),
};

const malformed: readonly ((token: string) => string)[] = [
  () => "",
  () => "Bearer",
  () => "Bearer ",
  () => "Bearer x",
  () => "Bearer null",
  () => "Bearer \u00ff\u00fe",
  () => `Bearer ${"x".repeat(4_000)}`,
  (token) => `Basic ${Buffer.from(`${token}:`).toString("base64")}`,
  (token) => `Basic ${token}`,
  (token) => `Token ${token}`,
  (token) => `Bearer${token}`,
  (token) => `Bearer Bearer ${token}`,
  (token) => `Bearer "${token}"`,
  (token) => `Bearer ${token}x`,
  (token) => `Bearer ${token} ${token}`,
  (token) => `Bearer ${token},Bearer ${token}`,
  (token) => `Bearer ${token.slice(0, -1)}`,
  (token) => `Bearer ${token.replaceAll("-", "")}`,
  (token) => `Bearer {${token}}`,
  (token) => `Bearer ${token.split("").reverse().join("")}`,
];

/** Requests of callers who are known, and refused with this status. */
function forRoles(callers: readonly (readonly [role: string, token: string])[], status: number): Kind {
  return forCallers((request, around) =>
    fc.constantFrom(...callers).map(([role, token]) => ({
      ...withAuthorization(request, around, `Bearer ${token}`),
      why: `the token is for the role ${role}`,
      statuses: [status],
    })),
  );
}

/** For operations that are not public. */
function forCallers(
  spoil: (request: ValidRequest, around: Surroundings) => fc.Arbitrary<WrongRequest>,
): Kind {
  return (described, around) =>
    described.operation.public ? [] : spoiled(described, around, (request) => spoil(request, around));
}

function withAuthorization(
  request: ValidRequest,
  around: Surroundings,
  authorization: string | undefined,
): WrongRequest {
  return {
    wire: rewritten(request, around, (wire) => ({
      headers: withHeader(wire, "Authorization", authorization),
    })),
    why: `Authorization is ${JSON.stringify(authorization?.slice(0, 100)) ?? "missing"}`,
    statuses: [401],
  };
}
