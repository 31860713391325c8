import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { operations } from "@wuts/contract";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Answer, assertRefused, at, dataOf, textAt } from "../test-support/call.ts";
import { askForLines } from "../test-support/lines.ts";
import { until } from "../test-support/until.ts";
import { type AnotherServer, type Person, startWorld, type World } from "../test-support/world.ts";
import { deviceRequests } from "../test-support/worlds/device-requests.ts";
import { masterToken, withMaster } from "../test-support/worlds/master.ts";
import { crowdOf } from "../test-support/worlds/pictures.ts";

const path = "/contacts/profile-pictures";

/** The events that end the token of a request that is under way. */
interface End {
  readonly what: string;
  end(caller: Caller, call: World["call"]): Promise<Answer>;
}

interface Caller extends Person {
  readonly tenantId: string;
  readonly tokenId: string;
  /** The id of the token that created the caller's token. */
  readonly parentId: string;
  /** An admin of the same tenant. */
  readonly admin: Person;
}

const patch = (path: string, body: object, token: string) =>
  [path, { method: "PATCH", body, token }] as const;

const ends: readonly End[] = [
  {
    what: "was revoked",
    end: ({ id, tokenId, admin }, call) =>
      call(`/users/${id}/tokens/${tokenId}`, { method: "DELETE", token: admin.token }),
  },
  {
    what: "ended with the one that it was made with",
    end: ({ id, parentId, admin }, call) =>
      call(`/users/${id}/tokens/${parentId}`, { method: "DELETE", token: admin.token }),
  },
  {
    what: "is of a user who was disabled",
    end: ({ id, admin }, call) => call(...patch(`/users/${id}`, { active: false }, admin.token)),
  },
  {
    what: "is of a user who may do less than before",
    end: ({ id, admin }, call) => call(...patch(`/users/${id}`, { role: "user" }, admin.token)),
  },
  {
    what: "is of a user who was deleted",
    end: ({ id, admin }, call) => call(`/users/${id}`, { method: "DELETE", token: admin.token }),
  },
  {
    what: "is of a tenant that was deleted",
    end: ({ tenantId }, call) => call(`/tenants/${tenantId}`, { method: "DELETE", token: masterToken }),
  },
];

describe("A request whose caller's token ends while it is under way", () => {
  let world: World;
  let another: AnotherServer;
  let phone = 5_541_900_000_000;
  let queries = 0;
  beforeAll(async () => {
    world = await startWorld({
      ...withMaster,
      // The pictures after the first ones would take ten minutes.
      WUTS_PICTURE_PACE_PER_MINUTE: "10",
      WUTS_PICTURES_TIMEOUT_MS: "600000",
      WUTS_STREAM_HEARTBEAT_MS: "100",
    });
    another = await world.startAnother();
    world.simulator.events.on("stanza", ({ stanza }) => {
      if (stanza.attrs.xmlns === "w:profile:picture") queries += 1;
    });
  });
  afterAll(async () => {
    await another.stop();
    await world.stop();
  });

  /** A manager with a device in a separate tenant, who uses a token made with another token. */
  const addCaller = async (expiresIn?: number): Promise<Caller> => {
    const tenantId = await world.addTenant();
    const admin = await world.addPerson("admin", tenantId);
    const { id, token } = await world.addPerson("manager", tenantId);
    phone += 1;
    world.simulator.addAccount({ phone: `${phone}` });
    await world.pairedDevice(`${phone}`, token);
    const parentId = textAt(dataOf(await world.call("/me", { token })), "token", "id");
    const body = { name: "Child", ...(expiresIn !== undefined && { expires_in: expiresIn }) };
    const made = dataOf(await world.call(`/users/${id}/tokens`, { method: "POST", body, token }), 201);
    return { id, admin, tenantId, parentId, tokenId: textAt(made, "id"), token: textAt(made, "token") };
  };
  const asked = () => ({ numbers: crowdOf(world, 100) });

  /** Reads lines until there are no more. @returns whether the stream was cut off before its end */
  const brokenOff = async (caller: Caller, end: () => Promise<unknown>) => {
    const lines = await askForLines(world, path, asked(), caller.token);
    const first = await lines.next();
    assert.equal(at(first, "data", "total"), 100);
    await end();
    await assert.rejects(async () => {
      // A look at each, so that a line that says more than that the work goes on would be seen.
      for (;;) assert.equal(at(await lines.next(), "success"), true);
    }, TypeError);
  };

  for (const { what, end } of ends) {
    for (const where of ["here", "on another server"] as const) {
      it(`has its lines broken off: it ${what}, ${where}`, async () => {
        const caller = await addCaller();
        const call = where === "here" ? world.call : another.call;
        await brokenOff(caller, async () => dataOf(await end(caller, call)));
      });
    }

    it(`gets 401 where it waits for an answer in one piece: it ${what}`, async () => {
      const caller = await addCaller();
      const before = queries;
      const answer = world.call(path, { method: "POST", body: asked(), token: caller.token });
      await until("the work to begin", async () => {
        await setImmediate();
        return { found: queries > before || undefined, seen: queries };
      });
      dataOf(await end(caller, world.call));
      assertRefused(await answer, 401, "UNAUTHORIZED");
    });
  }

  it("has its lines broken off when the time of the token has come", async () => {
    const caller = await addCaller();
    await brokenOff(caller, () =>
      world.write(
        "update tokens set expires_at = ? where id = ?",
        new Date(Date.now() + 200).toISOString(),
        caller.tokenId,
      ),
    );
  });

  it("goes on while others' tokens end", async () => {
    const [caller, other] = [await addCaller(), await addCaller()];
    const lines = await askForLines(world, path, asked(), caller.token);
    await brokenOff(other, async () =>
      dataOf(await world.call(`/users/${other.id}`, { method: "DELETE", token: other.admin.token })),
    );
    const seen = await lines.next();
    assert.equal(at(seen, "success"), true);
    lines.close();
  });
});

describe("Whatever tells of something", () => {
  const reading = operations.filter(
    ({ method, role, ndjsonItem }) =>
      !["public", "master", "metrics"].includes(role) && (method === "get" || ndjsonItem),
  );

  it("tells nothing to a caller whose token has ended by the time that it is found", async (t) => {
    assert.ok(reading.length >= 15);
    const begun = new Set<string>();
    const handlers = Object.fromEntries(
      reading.map(({ operationId }) => [
        operationId,
        async ({ signal }: { readonly signal: AbortSignal }) => {
          begun.add(operationId);
          if (!signal.aborted) await once(signal, "abort");
          return { status: 200, data: "what was found" };
        },
      ]),
    );
    const world = await startWorld({}, { overrides: { handlers } });
    t.onTestFinished(() => world.stop());
    const { id, token } = await world.addPerson("admin");
    const requests = deviceRequests(randomUUID());
    const answers = reading.map(async ({ operationId, path }) => {
      const request = requests.find((each) => each.operationId === operationId);
      const plain = path.replaceAll(/\{\w+\}/g, randomUUID());
      return [operationId, await world.call(request?.path ?? plain, { ...request, token })] as const;
    });
    await until("all of them to be let in", async () => {
      await setImmediate();
      return { found: begun.size === reading.length || undefined, seen: [...begun] };
    });
    dataOf(await world.call(`/users/${id}`, { method: "PATCH", body: { active: false } }));
    for (const [operationId, answer] of await Promise.all(answers)) {
      assert.equal(answer.status, 401, operationId);
      assertRefused(answer, 401, "UNAUTHORIZED");
    }
  });
});
