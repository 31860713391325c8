import { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import { type OperationId, operations, wutsContract } from "@wuts/contract";
import { type RawRequest, validRequest, type World } from "@wuts/contract-cases";
import { type Answer, ask } from "../support/ask.ts";
import { type IdPlace, idsIn } from "./ids.ts";
import { type Caller, idsFor, type Scene } from "./scene.ts";

type Operation = (typeof operations)[number];

/** An id that a request has in some place. */
interface Chosen extends IdPlace {
  /** `undefined` for none. */
  readonly id: string | undefined;
  readonly isTheirs: boolean;
}

/**
 * Lets each caller who has no right to it ask for what there is, in every combination with what is their own, and for
 * what there is not, and compares.
 * @returns how the answers differ, and what changed; nothing when it cannot be told whether there is something
 */
export async function leaksOf(operation: Operation, scene: Scene, world: World): Promise<string[]> {
  const leaks: string[] = [];
  const before = await viewOf(scene, world);
  for (const caller of scene.callers) {
    for (const chosen of combinations(idsIn(wutsContract, operation), scene, caller)) {
      const about = `${caller.who}, ${chosen.map(written).join(", ")}: `;
      const stored = everythingIn(world);
      const asked = await answerTo(operation, chosen, caller, world);
      const unknown = chosen.map((each) => (each.isTheirs ? { ...each, id: crypto.randomUUID() } : each));
      const expected = await answerTo(operation, unknown, caller, world);
      const reported = differences(asked, expected);
      const changed = differences(everythingIn(world), stored);
      if (reported.length > 0) leaks.push(`${about}told by ${reported.join(", ")}`);
      if (changed.length > 0) leaks.push(`${about}changed ${changed.join(", ")}`);
    }
  }
  const seen = differences(await viewOf(scene, world), before);
  if (seen.length > 0) leaks.push(`afterwards, others see another ${seen.join(", ")}`);
  return leaks;
}

/** Each choice of ids that has one or more of another user's. @throws Error for a parameter that no id is known for */
export function combinations(
  places: readonly IdPlace[],
  { theirs }: Pick<Scene, "theirs">,
  { own }: Pick<Caller, "own">,
): Chosen[][] {
  const choices = places.map((place): Chosen[] => [
    ...idsFor(place.name, theirs).map((id) => ({ ...place, id, isTheirs: true })),
    ...idsFor(place.name, own).map((id) => ({ ...place, id, isTheirs: false })),
    ...(place.required ? [] : [{ ...place, id: undefined, isTheirs: false }]),
  ]);
  return choices
    .reduce<Chosen[][]>((all, choice) => all.flatMap((some) => choice.map((one) => [...some, one])), [[]])
    .filter((chosen) => chosen.some(({ isTheirs }) => isTheirs));
}

/** What a caller can know from a response, by name, but for what they sent themselves. */
async function answerTo(
  operation: Operation,
  chosen: readonly Chosen[],
  { token }: Pick<Caller, "token">,
  world: World,
): Promise<Facts> {
  const answer = await ask(world, operation, { ...requestWith(operation.operationId, chosen), token });
  const headers = [...answer.headers]
    .filter(([name]) => !ofEachAnswer.has(name))
    // What was counted is told, how much of it there is left was less before.
    .map(([name, value]) => [name, name === "ratelimit" ? value.replaceAll(/\b[rt]=\d+/g, "") : value]);
  const facts = {
    status: answer.status,
    ...Object.fromEntries(headers.map(([name, value]) => [`header ${name}`, value])),
    body: bodyOf(answer),
  };
  // What was asked for may be repeated.
  const text = chosen.reduce(
    (all, { id, name }) => (id === undefined ? all : all.replaceAll(id, `{${name}}`)),
    JSON.stringify(facts),
  );
  return JSON.parse(text);
}

type Facts = Readonly<Record<string, unknown>>;

/** Headers that are different in any two answers. */
const ofEachAnswer = new Set(["date", "x-request-id"]);

function requestWith(operationId: OperationId, chosen: readonly Chosen[]): RawRequest {
  const { path, query, body } = validRequest(operationId);
  const at = (place: IdPlace["in"]) =>
    Object.fromEntries(
      chosen.flatMap(({ in: where, name, id }) => (where === place && id !== undefined ? [[name, id]] : [])),
    );
  return {
    path: { ...path, ...at("path") },
    query: { ...query, ...at("query") },
    ...(body && { body: { ...body, ...at("body") } }),
  };
}

/**
 * What those see who have something: every operation that reads, asked by the admin or with the master token. Metrics
 * belong to no user, and count each look at them.
 */
async function viewOf({ theirs }: Scene, world: World): Promise<Facts> {
  const seen: Record<string, unknown> = {};
  for (const operation of operations.filter(({ method, role }) => method === "get" && role !== "metrics")) {
    const places = idsIn(wutsContract, operation).filter(({ in: place }) => place !== "body");
    const chosen = places.map((place) => ({ ...place, id: idsFor(place.name, theirs)[0], isTheirs: false }));
    const { status, ...answer } = await ask(world, operation, requestWith(operation.operationId, chosen));
    seen[operation.operationId] = { status, body: bodyOf(answer) };
  }
  return seen;
}

/** The body, without what is different each time it is asked for. */
function bodyOf({ body, text }: Pick<Answer, "body" | "text">): unknown {
  if (typeof body === "string") return body;
  return JSON.parse(text, (key, value: unknown) => (ofEachBody.has(key) ? undefined : value));
}

const ofEachBody = new Set([
  ...["timestamp", "request_id", "last_used_at", "last_activity_at"],
  // Of a picture: they hold the second until which they are good.
  ...["url", "direct_path", "expires_at"],
]);

/**
 * Every row of every table, but for when something was last used: that was now. What a device keeps for itself changes
 * whenever WhatsApp says something to it, so of that it counts which devices have any; and servers renew their leases, and tell that
 * they run. What is refused for the role of who asks stands in the audit trail of their own tenant, a little later, and counts in any
 * other's.
 */
function everythingIn({ databaseFile }: World): Facts {
  const database = new DatabaseSync(databaseFile, { readOnly: true, timeout: 5_000 });
  try {
    const tables = database.prepare("select name from sqlite_schema where type = 'table'").all();
    return Object.fromEntries(
      tables.map(({ name }) => {
        const columns = columnsOf.get(`${name}`) ?? "*";
        const where = conditionsOf.get(`${name}`) ?? "true";
        const rows = database.prepare(`select ${columns} from "${name}" where ${where} order by 1`).all();
        return [
          `table ${name}`,
          rows.map(({ last_used_at: _used, last_activity_at: _active, ...row }) => row),
        ];
      }),
    );
  } finally {
    database.close();
  }
}

const conditionsOf: ReadonlyMap<string, string> = new Map([
  [
    "audit",
    `action <> 'access.denied' or not exists (
       select 1 from users where users.id = audit.actor_id and users.tenant_id = audit.tenant_id
     )`,
  ],
]);

const columnsOf: ReadonlyMap<string, string> = new Map([
  ["credentials", "distinct device_id"],
  ["signal_keys", "distinct device_id"],
  ["device_leases", "device_id, server_id, fence, state"],
  ["servers", "id, key_id"],
]);

/** @returns the names under which two have something else */
function differences(one: Facts, other: Facts): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => !isDeepStrictEqual(one[name], other[name]));
}

function written({ name, id, isTheirs }: Chosen): string {
  return `${name} ${id === undefined ? "absent" : isTheirs ? "of another user" : "of their own"}`;
}
