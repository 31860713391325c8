import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import { databaseFiles } from "../../storage/engine/database.ts";
import { mostKept } from "../../storage/idempotency/idempotency-keys.repository.ts";
import { type Answer, assertInvalid, assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { onlySqlite } from "../../test-support/databases/test-database.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import {
  HeldDevices,
  type KeyedId,
  type KeyedRequest,
  keyedIds,
  keyedRequestsIn,
  sendWith,
} from "../../test-support/worlds/keyed-requests.ts";
import { withMaster } from "../../test-support/worlds/master.ts";

const device = (name = "Reception") => ({ path: "/devices", method: "POST", body: { name } }) as const;

const replayed = ({ headers }: Answer) => headers.get("idempotency-replayed");

describe("A request with an Idempotency-Key", () => {
  let world: World;
  let requests: Record<KeyedId, () => Promise<KeyedRequest>>;
  beforeAll(async () => {
    world = await startWorld(withMaster);
    requests = await keyedRequestsIn(world);
  });
  afterAll(() => world.stop());
  const send = (key: string, request: Parameters<typeof sendWith>[2]) => sendWith(world.call, key, request);

  it("is one that makes or sends something", () => {
    assert.deepEqual(
      [...keyedIds].sort(),
      [
        "createDevice",
        "createSignInCode",
        "createToken",
        "createUser",
        "generateSessionPairCode",
        "registerTenant",
        "setGroupPicture",
        "setProfilePicture",
      ].sort(),
    );
  });

  for (const id of keyedIds) {
    describe(`of ${id}`, () => {
      it("has its effect once, and gets the first response again, with an id of its own", async () => {
        const request = await requests[id]();
        const key = randomUUID();
        const before = await request.count();
        const first = await sendWith(world.call, key, request, { "x-request-id": "first" });
        dataOf(first, request.status);
        assert.equal(replayed(first), null);
        const audited = (await world.rows("select id from audit")).length;
        const second = await sendWith(world.call, key, request, { "x-request-id": "second" });
        assert.deepEqual([second.status, second.body], [first.status, first.body]);
        assert.equal(replayed(second), "true");
        assert.equal(second.headers.get("x-request-id"), "second");
        assert.match(second.headers.get("content-type") ?? "", /^application\/json/);
        assert.equal(await request.count(), before + 1);
        assert.equal((await world.rows("select id from audit")).length, audited);
      });

      it("refuses the key of another request, which it does not harm", async () => {
        const [request, other] = [await requests[id](), await requests[id]()];
        const key = randomUUID();
        const first = await send(key, request);
        dataOf(first, request.status);
        const before = await request.count();
        const query = `${other.path}${other.path.includes("?") ? "&" : "?"}`;
        const changed =
          request.inDatabase || id === "generateSessionPairCode"
            ? other
            : { ...other, path: query.replace(/device_id=[^&]*&/, "") };
        assertRefused(await send(key, changed), 422, "IDEMPOTENCY_KEY_REUSED");
        assert.equal(await request.count(), before);
        assert.deepEqual((await send(key, request)).body, first.body);
      });

      it("is done once of 20 at once, and the others wait or get its response", async () => {
        const request = await requests[id]();
        const key = randomUUID();
        const before = await request.count();
        const answers = await Promise.all(Array.from({ length: 20 }, () => send(key, request)));
        const refused = answers.filter(({ status }) => status !== request.status);
        for (const answer of refused) {
          assertRefused(answer, 409, "IDEMPOTENCY_KEY_IN_USE");
          assert.equal(answer.headers.get("retry-after"), "1");
        }
        const successes = answers.filter(({ status }) => status === request.status);
        assert.equal(successes.filter((answer) => replayed(answer) === null).length, 1);
        const last = await send(key, request);
        assert.equal(replayed(last), "true");
        for (const { body } of successes) assert.deepEqual(body, last.body);
        assert.equal(await request.count(), before + 1);
      });
    });
  }

  it("is the same, whatever the order and the spaces of its JSON are, and however it writes its path", async () => {
    const { path, body } = await requests.createUser();
    const key = randomUUID();
    const first = await send(key, { path, method: "POST", body });
    const reversed = JSON.stringify(Object.fromEntries(Object.entries(body).reverse()), null, 2);
    const headers = { "idempotency-key": key, "content-type": "application/json" };
    const second = await world.call(path, { method: "POST", body: reversed, headers });
    assert.deepEqual([replayed(second), second.body], ["true", first.body]);
    const code = await requests.createSignInCode();
    const made = await send(key + 1, code);
    const upper = await send(key + 1, {
      ...code,
      path: code.path.replace(/[0-9a-f-]{36}/, (id) => id.toUpperCase()),
    });
    assert.deepEqual([replayed(upper), upper.body], ["true", made.body]);
  });

  for (const [what, key] of [
    ["nothing", ""],
    ["a space", "a b"],
    ["256 characters", "k".repeat(256)],
    ["a letter with an accent", "chavé"],
  ] as const) {
    it(`refuses a key of ${what}, and does nothing`, async () => {
      const { count, ...request } = await requests.createDevice();
      const before = await count();
      const answer = await send(key, request);
      assertInvalid(answer, "Idempotency-Key");
      assert.match(
        textAt(answer.body, "validation", 0, "message"),
        /^must (not be empty|be a name in|have at most 255)/,
      );
      assert.equal(await count(), before);
    });
  }

  it("may have a key of 255 characters, of every visible one", async () => {
    const all = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");
    const key = `${all}${"k".repeat(255 - all.length)}`;
    const first = await send(key, device());
    assert.deepEqual([dataOf(await send(key, device()), 201)], [dataOf(first, 201)]);
  });

  it("is of its user alone, with whatever token of theirs", async () => {
    const [ana, rui] = [await world.addPerson("admin"), await world.addPerson("admin")];
    const key = randomUUID();
    const ofAna = dataOf(await send(key, { ...device(), token: ana.token }), 201);
    const ofRui = dataOf(await send(key, { ...device(), token: rui.token }), 201);
    assert.notEqual(textAt(ofAna, "id"), textAt(ofRui, "id"));
    const more = await world.call(`/users/${ana.id}/tokens`, {
      method: "POST",
      token: ana.token,
      body: { name: "More" },
    });
    const another = await send(key, { ...device(), token: textAt(dataOf(more, 201), "token") });
    assert.deepEqual([replayed(another), dataOf(another, 201)], ["true", ofAna]);
    // The master token's keys are none of a user's.
    dataOf(await send(key, await requests.registerTenant()), 201);
  });

  it("means nothing where the contract does not have it", async () => {
    const key = { "idempotency-key": randomUUID() };
    dataOf(await world.call("/devices", { headers: key }));
    assert.deepEqual(
      (await world.rows("select id from idempotency_keys where kept_until is null")).length,
      0,
    );
  });

  describe("that is refused", () => {
    it("leaves the key to the correct request", async () => {
      const { id, token } = await world.addPerson();
      const key = randomUUID();
      const user = await requests.createUser();
      const wrong = { ...user, body: { ...user.body, role: "king" } };
      assertInvalid(await send(key, wrong), "role");
      assertRefused(await send(key, { ...user, token: randomUUID() }), 401, "UNAUTHORIZED");
      assertRefused(await send(key, { ...user, token }), 403, "FORBIDDEN");
      const taken = await requests.createUser();
      dataOf(await send(randomUUID(), taken), 201);
      assertRefused(await send(key, taken), 409, "EMAIL_TAKEN");
      dataOf(await send(key, user), 201);
      const none = `/users/${randomUUID()}/tokens`;
      const forNone = { path: none, method: "POST", body: { name: "CI" } } as const;
      assertRefused(await send(key + 1, forNone), 404, "USER_NOT_FOUND");
      dataOf(await send(key + 1, { ...forNone, path: `/users/${id}/tokens` }), 201);
    });

    it("because WhatsApp refuses it, is tried again with the same key", async () => {
      const request = await requests.setProfilePicture();
      const key = randomUUID();
      const undo = world.simulator.faults.answerError("iq w:profile:picture set", 429);
      assertRefused(await send(key, request), 429, "WHATSAPP_RATE_LIMITED");
      undo();
      const answer = await send(key, request);
      dataOf(answer);
      assert.equal(replayed(answer), null);
    });

    it("because the device is not connected, is tried again with the same key", async () => {
      const request = await requests.setGroupPicture();
      const [, deviceId = ""] = /device_id=(.*)/.exec(request.path) ?? [];
      const key = randomUUID();
      dataOf(await world.call(`/disconnect?device_id=${deviceId}`, { method: "POST" }));
      assertRefused(await send(key, request), 503, "DEVICE_NOT_READY");
      const login = nextEvent(world.simulator.events, "login");
      dataOf(await world.call(`/connect?device_id=${deviceId}`, { method: "POST" }));
      await login;
      await world.untilState(deviceId, "connected");
      assert.equal(replayed(await send(key, request)), null);
      assert.equal(replayed(await send(key, request)), "true");
    });
  });
});

describe("The kept response", () => {
  const begin = async (t: TestContext, settings: Record<string, string> = {}) => {
    const clock = { ms: Date.now() };
    const world = await startWorld({ ...withMaster, ...settings }, { overrides: { now: () => clock.ms } });
    t.onTestFinished(() => world.stop());
    const kept = async () => (await world.rows("select id from idempotency_keys")).length;
    const send = (key: string, request: Parameters<typeof sendWith>[2]) => sendWith(world.call, key, request);
    return { world, clock, kept, send };
  };

  it("is kept for a day, and deleted then", async (t) => {
    const { world, clock, kept, send } = await begin(t);
    const key = randomUUID();
    const first = dataOf(await send(key, device()), 201);
    clock.ms += 86_400_000 - 1;
    assert.deepEqual(dataOf(await send(key, device()), 201), first);
    clock.ms += 1;
    const other = await send(key, device("Another"));
    assert.equal(replayed(other), null);
    assert.notEqual(textAt(dataOf(other, 201), "id"), textAt(first, "id"));
    assert.equal(await kept(), 1);
    clock.ms += 86_400_000;
    await world.restartServer();
    await until("the deletion", async () => ({
      found: (await kept()) === 0 || undefined,
      seen: await kept(),
    }));
  });

  it("outlives the server", async (t) => {
    const { world, send } = await begin(t);
    const key = randomUUID();
    const first = dataOf(await send(key, device()), 201);
    await world.restartServer();
    assert.deepEqual(dataOf(await send(key, device()), 201), first);
  });

  it("is not readable in the database, nor is the key", onlySqlite, async (t) => {
    const { world, send } = await begin(t);
    const { id, token } = await world.addPerson("admin");
    const key = `key-${randomUUID()}`;
    const request = { path: `/users/${id}/tokens`, method: "POST", body: { name: "CI" }, token } as const;
    const made = textAt(dataOf(await send(key, request), 201), "token");
    const user = { email: `${randomUUID()}@example.com`, role: "user" };
    const first = textAt(
      dataOf(await send(key, { path: "/users", method: "POST", body: user }), 201),
      "token",
    );
    for (const path of databaseFiles(world.dataDir)) {
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      for (const secret of [made, first, key]) {
        assert.equal(bytes.indexOf(secret), -1, `${path} has a secret`);
        assert.equal(bytes.indexOf(Buffer.from(secret).toString("base64url")), -1);
      }
    }
    assert.equal(textAt(dataOf(await send(key, request), 201), "token"), made);
  });

  it("goes with its token, unless another one takes the token's place", async (t) => {
    const { world, kept, send } = await begin(t);
    const me = textAt(dataOf(await world.call("/me")), "user", "id");
    const tokens = `/users/${me}/tokens`;
    const make = async (token?: string) =>
      dataOf(
        await world.call(tokens, {
          method: "POST",
          body: { name: "CI" },
          ...(token !== undefined && { token }),
        }),
        201,
      );
    const first = await make();
    const key = randomUUID();
    const made = dataOf(await send(key, { ...device(), token: textAt(first, "token") }), 201);
    const successor = await make(textAt(first, "token"));
    const revoke = (id: string, query = "") => world.call(`${tokens}/${id}${query}`, { method: "DELETE" });
    dataOf(await revoke(textAt(first, "id"), `?successor_id=${textAt(successor, "id")}`));
    assertRefused(await send(key, { ...device(), token: textAt(first, "token") }), 401, "UNAUTHORIZED");
    const again = await send(key, { ...device(), token: textAt(successor, "token") });
    assert.deepEqual([replayed(again), dataOf(again, 201)], ["true", made]);
    dataOf(await revoke(textAt(successor, "id")));
    assert.equal(await kept(), 0);
  });

  it("goes with its user, and with their tenant", async (t) => {
    const { world, kept, send } = await begin(t);
    const ana = await world.addPerson();
    dataOf(await send(randomUUID(), { ...device(), token: ana.token }), 201);
    assert.equal(await kept(), 1);
    dataOf(await world.call(`/users/${ana.id}`, { method: "DELETE" }));
    assert.equal(await kept(), 0);
    const { body } = await registration();
    const registered = dataOf(await send(randomUUID(), await registration(body)), 201);
    dataOf(await send(randomUUID(), { ...device(), token: textAt(registered, "token") }), 201);
    assert.equal(await kept(), 2);
    const path = `/tenants/${textAt(registered, "tenant", "id")}`;
    dataOf(await world.call(path, { method: "DELETE", token: withMaster.WUTS_MASTER_TOKEN }));
    assert.equal(await kept(), 0);
  });

  it("is forgotten when its user gets a lower role", async (t) => {
    const { world, send } = await begin(t);
    const [ana, rui] = [await world.addPerson("admin"), await world.addPerson()];
    const key = randomUUID();
    const request = {
      path: `/users/${rui.id}/tokens`,
      method: "POST",
      body: { name: "CI" },
      token: ana.token,
    } as const;
    dataOf(await send(key, request), 201);
    dataOf(await world.call(`/users/${ana.id}`, { method: "PATCH", body: { role: "user" } }));
    assertRefused(await send(key, request), 404, "USER_NOT_FOUND");
  });

  it("is one of the newest of its user", async (t) => {
    const { world, kept, send } = await begin(t, { WUTS_MAX_DEVICES: "0" });
    const key = randomUUID();
    dataOf(await send(key, device()), 201);
    // As many as may be, all newer.
    await world.write(
      `insert into idempotency_keys (id, owner, token_id, server_id, attempt_id, sealed, key_id, kept_until)
       select n.id, owner, token_id, server_id, n.id, sealed, key_id, '9999'
       from idempotency_keys, (${numbers(mostKept)}) n`,
    );
    assert.equal(await kept(), mostKept + 1);
    dataOf(await send(randomUUID(), device()), 201);
    assert.equal(await kept(), mostKept);
    assert.equal(replayed(await send(key, device())), null);
  });
});

/** @returns a query of this many rows, whose ids differ */
function numbers(count: number): string {
  return `with recursive all_numbers(n) as (select 1 union all select n + 1 from all_numbers where n < ${count})
          select 'number ' || n as id from all_numbers`;
}

async function registration(
  body: Record<string, unknown> = {
    tenant_name: `Tenant ${randomUUID()}`,
    email: "ana@example.com",
  },
) {
  return { path: "/register", method: "POST", body, token: withMaster.WUTS_MASTER_TOKEN } as const;
}

describe("While a request is under way", () => {
  const begin = async (t: TestContext) => {
    const held = new HeldDevices();
    const world = await startWorld({}, { overrides: { handlers: held.handlers } });
    t.onTestFinished(() => world.stop());
    const key = randomUUID();
    const request = device(HeldDevices.heldName);
    const send = (other: Parameters<typeof sendWith>[2] = request) => sendWith(world.call, key, other);
    const devices = async () => (await world.rows("select id from devices")).length;
    return { held, world, key, request, send, devices };
  };

  it("its key is in use, and afterwards it has the response", async (t) => {
    const { held, send, devices } = await begin(t);
    const first = send();
    await held.reached;
    assertRefused(await send(), 409, "IDEMPOTENCY_KEY_IN_USE");
    assertRefused(await send(device("Other")), 422, "IDEMPOTENCY_KEY_REUSED");
    held.release();
    const made = dataOf(await first, 201);
    assert.deepEqual(dataOf(await send(), 201), made);
    assert.deepEqual([await devices(), held.count], [1, 1]);
  });

  it("its key is in use when its client has gone, too", async (t) => {
    const { held, world, key, request, send, devices } = await begin(t);
    const controller = new AbortController();
    const { path, ...options } = request;
    const first = world.call(path, {
      ...options,
      headers: { "idempotency-key": key },
      signal: controller.signal,
    });
    await held.reached;
    controller.abort();
    await assert.rejects(first);
    assertRefused(await send(), 409, "IDEMPOTENCY_KEY_IN_USE");
    held.release();
    await until("the response", async () => {
      const { status } = await send();
      return { found: status === 201 || undefined, seen: status };
    });
    assert.equal(await devices(), 1);
  });

  it("its key is in use on every server on the database, and its response is kept on all of them", async (t) => {
    const { held, world, key, request, send, devices } = await begin(t);
    const other = await world.startAnother();
    t.onTestFinished(() => other.stop());
    const first = send();
    await held.reached;
    assertRefused(await sendWith(other.call, key, request), 409, "IDEMPOTENCY_KEY_IN_USE");
    held.release();
    const made = dataOf(await first, 201);
    const again = await sendWith(other.call, key, request);
    assert.deepEqual([replayed(again), dataOf(again, 201)], ["true", made]);
    const next = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => sendWith(index % 2 ? other.call : world.call, next, device())),
    );
    const successes = answers.filter(({ status }) => status === 201);
    assert.equal(successes.filter((answer) => replayed(answer) === null).length, 1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      assertRefused(answer, 409, "IDEMPOTENCY_KEY_IN_USE");
    assert.equal(await devices(), 2);
  });

  it("a server that has lost the key makes nothing", async (t) => {
    const { held, world, send, devices } = await begin(t);
    const first = send();
    await held.reached;
    // Another server did not see this one for so long that it took the key over.
    await world.write("update idempotency_keys set attempt_id = 'another'");
    held.release();
    assertRefused(await first, 409, "IDEMPOTENCY_KEY_IN_USE");
    assert.equal(await devices(), 0);
  });

  it("the key of a server that does not run any more is free", async (t) => {
    const { held, world, send, devices } = await begin(t);
    const first = send();
    await held.reached;
    await world.write("update idempotency_keys set server_id = 'gone'");
    const second = send();
    await until("both", async () => ({ found: held.count === 2 || undefined, seen: held.count }));
    held.release();
    const answers = [await first, await second];
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
    assert.equal(await devices(), 1);
  });

  it("a key that could not be freed is free for the same server", async (t) => {
    const { world, key, send } = await begin(t);
    dataOf(await sendWith(world.call, key, device()), 201);
    await world.write("update idempotency_keys set kept_until = null");
    dataOf(await send(device("Other")), 201);
  });
});

describe("The effect of a request and its kept response", () => {
  it("are stored together or not at all", onlySqlite, async (t) => {
    const world = await startWorld(withMaster);
    t.onTestFinished(() => world.stop());
    const requests = await keyedRequestsIn(world);
    await world.write(
      "create trigger no_response before update on idempotency_keys begin select raise(abort, 'no room'); end",
    );
    for (const id of keyedIds) {
      const request = await requests[id]();
      const before = await request.count();
      const answer = await sendWith(world.call, randomUUID(), request);
      if (request.inDatabase) {
        assertRefused(answer, 500, "INTERNAL_ERROR");
        assert.equal(await request.count(), before, id);
      } else {
        // WhatsApp has done it, and the client is told so.
        dataOf(answer, request.status);
        assert.equal(await request.count(), before + 1, id);
      }
      assert.deepEqual(await world.rows("select id from idempotency_keys"), [], "the key is free");
    }
    assert.equal(at(await world.rows("select count(*) as n from idempotency_keys"), 0, "n"), 0);
  });
});
