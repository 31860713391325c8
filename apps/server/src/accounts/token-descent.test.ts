import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import {
  type Answer,
  assertInvalid,
  assertRefused,
  at,
  dataOf,
  listAt,
  textAt,
} from "../test-support/call.ts";
import { type AnotherServer, type Person, startWorld, type World } from "../test-support/world.ts";

/** A token with what it is known by. */
interface Made extends Person {
  readonly tokenId: string;
  readonly expiresAt: unknown;
}

const hourMs = 3_600_000;

describe("What is made with a token", () => {
  let world: World;
  let another: AnotherServer;
  beforeAll(async () => {
    world = await startWorld({ WUTS_RATE_LIMIT_FAILED_AUTH: "0" });
    another = await world.startAnother();
  });
  afterAll(async () => {
    await another.stop();
    await world.stop();
  });

  const post = (path: string, body: object, token: string | null) =>
    world.call(path, { method: "POST", body, token });
  const askForToken = ({ token }: Person, id: string, expires_in?: number) =>
    post(`/users/${id}/tokens`, { name: "CI", ...(expires_in !== undefined && { expires_in }) }, token);
  const askForCode = ({ token }: Person, id: string, expires_in = 600) =>
    post(`/users/${id}/sign-in-codes`, { expires_in }, token);
  const signInWith = (code: string) => post("/sign-in", { code }, null);

  const made = (id: string, answer: Answer): Made => {
    const data = dataOf(answer, 201);
    return {
      id,
      token: textAt(data, "token"),
      tokenId: String(at(data, "token_id") ?? at(data, "id")),
      expiresAt: at(data, "expires_at"),
    };
  };
  const makeToken = async (maker: Person, id = maker.id, expires_in?: number) =>
    made(id, await askForToken(maker, id, expires_in));
  const makeCode = async (maker: Person, id = maker.id) =>
    textAt(dataOf(await askForCode(maker, id), 201), "code");
  const signIn = async (maker: Person, id = maker.id) =>
    made(id, await signInWith(await makeCode(maker, id)));
  const revoke = (person: Made, caller: Person = person, query = "") =>
    world.call(`/users/${person.id}/tokens/${person.tokenId}${query}`, {
      method: "DELETE",
      token: caller.token,
    });
  const change = async ({ id }: Person, active: boolean) =>
    dataOf(await world.call(`/users/${id}`, { method: "PATCH", body: { active } }));

  /** Whether a token works, on each of two servers. */
  const worksOnBoth = ({ token }: Person) =>
    Promise.all([world, another].map(async (server) => (await server.call("/me", { token })).status === 200));
  const assertWorks = async (person: Person) => assert.deepEqual(await worksOnBoth(person), [true, true]);
  const assertEnded = async (person: Person) => assert.deepEqual(await worksOnBoth(person), [false, false]);

  /** A user with a token of each kind that comes from another one, three levels deep. */
  const family = async (root: Made, other: Person) => {
    const child = await makeToken(root);
    const session = await signIn(child);
    return {
      descendants: [
        child,
        session,
        await makeToken(session),
        await signIn(session),
        ...(other === root ? [] : [await signIn(child, other.id)]),
      ],
      codes: [await makeCode(root), await makeCode(session), await makeCode(child, other.id)],
    };
  };
  const rootOf = async (person: Person): Promise<Made> => {
    const me = dataOf(await world.call("/me", { token: person.token }));
    return { ...person, tokenId: textAt(me, "token", "id"), expiresAt: at(me, "token", "expires_at") };
  };
  const addAdmin = async () => rootOf(await world.addPerson("admin"));

  describe("lives no longer than the token does", () => {
    it("when nothing is said of its end, or a sooner one", async () => {
      const session = await signIn(await world.addPerson());
      assert.ok(Math.abs(Date.parse(String(session.expiresAt)) - Date.now() - 12 * hourMs) < 5_000);
      const child = await makeToken(session);
      assert.equal(child.expiresAt, session.expiresAt);
      assert.equal((await signIn(child)).expiresAt, session.expiresAt);
      const sooner = await makeToken(session, session.id, 3_600);
      assert.ok(Math.abs(Date.parse(String(sooner.expiresAt)) - Date.now() - hourMs) < 5_000);
      assert.equal((await signIn(sooner)).expiresAt, sooner.expiresAt);
      const shown = listAt(
        dataOf(await world.call(`/users/${session.id}/tokens`, { token: session.token })),
        "items",
      );
      assert.deepEqual(
        [child, sooner].map(({ tokenId }) =>
          at(
            shown.find((item) => at(item, "id") === tokenId),
            "parent_id",
          ),
        ),
        [session.tokenId, session.tokenId],
      );
    });

    it("and says when that is to a caller who asks for more", async () => {
      const session = await signIn(await world.addPerson());
      const short = await makeToken(session, session.id, 120);
      for (const [maker, refused] of [
        [session, await askForToken(session, session.id, 12 * 3_600 + 60)],
        [short, await askForToken(short, short.id, 180)],
        [short, await askForCode(short, short.id, 180)],
      ] as const) {
        assertInvalid(refused, "expires_in");
        const [problem] = listAt(refused.body, "validation");
        const message = textAt(problem, "message");
        assert.ok(message.includes(String(maker.expiresAt)), message);
        const most = Number(/at most (\d+)$/.exec(message)?.[1]);
        assert.ok(most > 100 && most <= 12 * 3_600, message);
      }
    });

    it("not even when the token ended sooner than it was to", async () => {
      const root = await addAdmin();
      const child = await makeToken(root);
      await assertWorks(child);
      await world.write(
        "update tokens set expires_at = ? where id = ?",
        new Date(Date.now() - 1_000).toISOString(),
        root.tokenId,
      );
      await assertEnded(child);
    });
  });

  describe("ends with it", () => {
    it("when it is revoked: tokens, codes, and what came of codes, of any user", async () => {
      const [root, other] = [await addAdmin(), await world.addPerson("admin")];
      const { descendants, codes } = await family(root, other);
      const beside = await makeToken(other);
      for (const person of descendants) await assertWorks(person);
      dataOf(await revoke(root));
      for (const person of [root, ...descendants]) await assertEnded(person);
      for (const code of codes) assertRefused(await signInWith(code), 404, "SIGN_IN_CODE_NOT_FOUND");
      for (const person of [other, beside]) await assertWorks(person);
      for (const table of ["tokens", "sign_in_codes"]) {
        assert.deepEqual(
          await world.rows(`select id from ${table} where parent_id = ?`, root.tokenId),
          [],
          table,
        );
      }
    });

    it("when one between them is revoked, and no other does", async () => {
      const root = await addAdmin();
      const [child, sibling] = [await makeToken(root), await makeToken(root)];
      const grandchild = await signIn(child);
      dataOf(await revoke(child));
      for (const person of [child, grandchild]) await assertEnded(person);
      for (const person of [root, sibling]) await assertWorks(person);
    });

    it("which the audit trail tells of each that still worked", async () => {
      const root = await addAdmin();
      const child = await makeToken(root);
      dataOf(await revoke(root));
      const rows = await world.rows(
        "select target_id, details from audit where action = 'token.deleted' and details like ? order by at, id",
        `%${root.id}%`,
      );
      const found = new Map(
        rows.map((row) => [textAt(row, "target_id"), JSON.parse(textAt(row, "details"))]),
      );
      assert.deepEqual(found.get(root.tokenId), { user_id: root.id, name: "test" });
      assert.deepEqual(found.get(child.tokenId), {
        user_id: root.id,
        name: "CI",
        ended_with: root.tokenId,
      });
    });

    it("while the user who made it is disabled", async () => {
      const [root, other] = [await addAdmin(), await world.addPerson("manager")];
      const { descendants, codes } = await family(root, other);
      const gift = await makeToken(root, other.id);
      await change(root, false);
      for (const person of descendants) await assertEnded(person);
      for (const code of codes.slice(1)) assertRefused(await signInWith(code), 404, "SIGN_IN_CODE_NOT_FOUND");
      await assertWorks(gift);
      await change(root, true);
      for (const person of descendants) await assertWorks(person);
      dataOf(await signInWith(codes[0] ?? ""), 201);
    });

    it("when the user who made it is deleted", async () => {
      const [root, other] = [await addAdmin(), await world.addPerson("admin")];
      const { descendants, codes } = await family(root, other);
      dataOf(await world.call(`/users/${root.id}`, { method: "DELETE" }));
      for (const person of descendants) await assertEnded(person);
      for (const code of codes) assertRefused(await signInWith(code), 404, "SIGN_IN_CODE_NOT_FOUND");
      await assertWorks(other);
      assert.equal((await world.rows("select id from tokens where user_id = ?", other.id)).length, 1);
    });

    it("also what users made for themselves, signed in as another user", async () => {
      const [root, other] = [await addAdmin(), await world.addPerson("admin")];
      const session = await signIn(await signIn(root), other.id);
      const own = await makeToken(session, root.id);
      assert.equal(own.expiresAt, session.expiresAt);
      assertInvalid(await askForToken(session, root.id, 86_400), "expires_in");
      dataOf(await revoke(session));
      await assertEnded(own);
    });
  });

  describe("stays when it ends", () => {
    it("if it is another user's own", async () => {
      const [root, other] = [await addAdmin(), await world.addPerson()];
      const session = await signIn(root);
      const gift = await makeToken(session, other.id);
      const body = { email: "descent@example.com", role: "user" };
      const created = await post("/users", body, session.token);
      const first = textAt(dataOf(created, 201), "token");
      assert.equal(gift.expiresAt, null);
      dataOf(await revoke(root));
      await assertEnded(session);
      await assertWorks(gift);
      dataOf(await world.call("/me", { token: first }));
    });

    it("if it takes its place, with what was made with it; but nothing else does", async () => {
      const root = await addAdmin();
      const [next, left] = [await makeToken(root), await makeToken(root)];
      const [kept, code] = [await signIn(next), await makeCode(root)];
      dataOf(await revoke(root, next, `?successor_id=${next.tokenId}`));
      for (const person of [root, left]) await assertEnded(person);
      assertRefused(await signInWith(code), 404, "SIGN_IN_CODE_NOT_FOUND");
      for (const person of [next, kept]) await assertWorks(person);
      // It can be changed for another one itself.
      const last = await makeToken(next);
      dataOf(await revoke(next, last, `?successor_id=${last.tokenId}`));
      await assertWorks(last);
      for (const person of [next, kept]) await assertEnded(person);
    });

    it("and in that place it lives no longer, and ends with what that token ended with", async () => {
      const root = await addAdmin();
      const session = await signIn(root);
      const next = await makeToken(session);
      dataOf(await revoke(session, next, `?successor_id=${next.tokenId}`));
      await assertWorks(next);
      assert.equal((await rootOf(next)).expiresAt, session.expiresAt);
      assert.equal((await makeToken(next)).expiresAt, session.expiresAt);
      dataOf(await revoke(root));
      await assertEnded(next);
    });

    it("unless the successor was not made with it", async () => {
      const [root, other] = [await addAdmin(), await addAdmin()];
      const child = await makeToken(root);
      const grandchild = await makeToken(child);
      const foreign = await signIn(root, other.id);
      for (const successor of [root, other, grandchild, foreign]) {
        assertInvalid(await revoke(root, root, `?successor_id=${successor.tokenId}`), "successor_id");
      }
      assertInvalid(await revoke(root, root, "?successor_id=x"), "successor_id");
      for (const person of [root, other, child, grandchild, foreign]) await assertWorks(person);
    });

    it("if it was made before tokens were known to come from others", async () => {
      const root = await addAdmin();
      const [child, code] = [await makeToken(root), await makeCode(root)];
      for (const table of ["tokens", "sign_in_codes"]) {
        await world.write(`update ${table} set parent_id = null where parent_id = ?`, root.tokenId);
      }
      dataOf(await revoke(root));
      await assertWorks(child);
      dataOf(await signInWith(code), 201);
    });
  });

  it("does not work when it comes from a token that is gone, however that went", async () => {
    const root = await addAdmin();
    const { descendants, codes } = await family(root, root);
    await world.write("delete from tokens where id = ?", root.tokenId);
    for (const person of descendants) await assertEnded(person);
    for (const code of codes) assertRefused(await signInWith(code), 404, "SIGN_IN_CODE_NOT_FOUND");
  });

  describe("who signs in as another user", () => {
    const entriesOf = async (query: string) =>
      listAt(dataOf(await world.call(`/audit?${query}&limit=100`)), "items");

    it("is named in the audit trail with them, for whatever they do", async () => {
      const [root, other] = [await addAdmin(), await world.addPerson("admin")];
      const session = await signIn(root, other.id);
      const child = await makeToken(session);
      const deeper = await signIn(session);
      const device = await world.createDevice("As another user", session.token);
      for (const person of [session, child, deeper]) {
        const options = { method: "PATCH", body: { name: person.tokenId.slice(0, 8) }, token: person.token };
        dataOf(await world.call(`/devices/${device}`, options));
      }
      dataOf(await world.call(`/qr?device_id=${device}`, { token: child.token }));
      dataOf(await world.call(`/devices/${device}`, { method: "DELETE", token: deeper.token }));
      const seen = (await entriesOf(`target_id=${device}`)).map((item) => [
        at(item, "action"),
        at(item, "actor"),
      ]);
      const actor = ({ tokenId }: Made) => ({
        type: "user",
        user_id: other.id,
        by_user_id: root.id,
        token_id: tokenId,
      });
      assert.deepEqual(seen.toReversed(), [
        ["device.created", actor(session)],
        ["device.updated", actor(session)],
        ["device.updated", actor(child)],
        ["device.updated", actor(deeper)],
        ["device.pairing_started", actor(child)],
        ["device.deleted", actor(deeper)],
      ]);
      const signedIn = (await entriesOf(`target_id=${session.tokenId}`)).at(-1);
      assert.deepEqual(at(signedIn, "actor"), actor(session));
      assert.ok((await entriesOf(`user_id=${root.id}`)).some((item) => at(item, "target", "id") === device));
      assert.ok((await entriesOf(`user_id=${other.id}`)).some((item) => at(item, "target", "id") === device));
    });

    it("is named through others as well, and users who act as themselves are not", async () => {
      const [root, other, third] = [
        await addAdmin(),
        await world.addPerson("admin"),
        await world.addPerson(),
      ];
      const session = await signIn(root, other.id);
      for (const [person, by] of [
        [await signIn(session, third.id), root.id],
        [await signIn(session, root.id), null],
        [await signIn(root), null],
        // A token that an admin makes is its user's own.
        [await makeToken(root, third.id), null],
      ] as const) {
        const device = await world.createDevice("Whose", person.token);
        const [entry] = await entriesOf(`target_id=${device}`);
        assert.partialDeepStrictEqual(at(entry, "actor"), { user_id: person.id, by_user_id: by });
      }
    });
  });
});
