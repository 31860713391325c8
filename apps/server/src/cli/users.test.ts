import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import { tenantRepository } from "../accounts/repositories/tenants.repository.ts";
import { userRepository } from "../accounts/repositories/users.repository.ts";
import { assertRefused, at, call, dataOf, textAt } from "../test-support/call.ts";
import { temporaryDatabase } from "../test-support/databases/temporary-database.ts";
import { sqliteIn } from "../test-support/databases/test-database.ts";
import { runWuts, temporaryFolder } from "../test-support/processes/server-process.ts";
import { startWorld, type World } from "../test-support/world.ts";

describe("Beside a server with two tenants,", () => {
  const master = randomUUID();
  const ids = { admin: "", ana: "", bia: "", otherAna: "" };
  const tenants = { first: "", second: "" };
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ WUTS_MASTER_TOKEN: master });
    const me = dataOf(await world.call("/me"));
    ids.admin = textAt(at(me, "user"), "id");
    tenants.first = textAt(at(me, "tenant"), "id");
    ids.ana = await addUser("ana@example.com", "manager");
    ids.bia = await addUser("bia@example.com", "user");
    dataOf(await world.call(`/users/${ids.bia}`, { method: "PATCH", body: { active: false } }));
    const body = {
      tenant_name: "Second tenant",
      email: "Ana@Example.com",
    };
    const registered = dataOf(
      await call(`${world.url}/register`, { method: "POST", token: master, body }),
      201,
    );
    ids.otherAna = textAt(at(registered, "user"), "id");
    tenants.second = textAt(at(registered, "tenant"), "id");
  });
  afterAll(() => world.stop());

  const addUser = async (email: string, role: string) => {
    const body = { email, role };
    return textAt(at(dataOf(await world.call("/users", { method: "POST", body }), 201), "user"), "id");
  };
  const wuts = (t: TestContext, ...args: string[]) => runWuts(t, args, world.place);
  const assertFails = async (t: TestContext, args: readonly string[], code: number, sentence: RegExp) => {
    const tokens = await world.rows("select id from tokens order by id");
    const ended = await wuts(t, ...args);
    assert.deepEqual([ended.code, ended.stdout], [code, ""]);
    assert.match(ended.stderr, sentence);
    assert.deepEqual(await world.rows("select id from tokens order by id"), tokens);
  };

  describe("wuts user list", () => {
    it("lists the users of all tenants", async (t) => {
      const { code, stdout, stderr } = await wuts(t, "user", "list");
      assert.deepEqual([code, stderr], [0, ""]);
      const lines = stdout.trimEnd().split("\n");
      const [head = "", ...rows] = lines.map((line) => line.split(/ {2,}/));
      assert.deepEqual(head, ["ID", "TENANT", "E-MAIL", "ROLE", "ACTIVE", "CREATED"]);
      assert.deepEqual(
        rows.map((row) => row.slice(0, 5)),
        [
          [ids.admin, "First tenant", "-", "admin", "yes"],
          [ids.ana, "First tenant", "ana@example.com", "manager", "yes"],
          [ids.bia, "First tenant", "bia@example.com", "user", "no"],
          [ids.otherAna, "Second tenant", "Ana@Example.com", "admin", "yes"],
        ],
      );
      for (const row of rows) assert.match(row[5] ?? "", /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      const columns = new Set(lines.map((line) => line.search(/TENANT|First tenant|Second tenant/)));
      assert.equal(columns.size, 1, stdout);
    });

    it("lists those of one tenant, by its name or its id, as JSON", async (t) => {
      for (const tenant of ["Second tenant", tenants.second, tenants.second.toUpperCase()]) {
        const { code, stdout, stderr } = await wuts(t, "user", "list", "--tenant", tenant, "--json");
        assert.deepEqual([code, stderr], [0, ""]);
        const { created_at, ...user } = Object(at(JSON.parse(stdout), "users", 0));
        assert.ok(Date.parse(created_at) <= Date.now());
        assert.deepEqual(user, {
          id: ids.otherAna,
          tenant_id: tenants.second,
          tenant_name: "Second tenant",
          email: "Ana@Example.com",
          role: "admin",
          active: true,
        });
        assert.equal(at(JSON.parse(stdout), "users", 1), undefined);
      }
    });

    it("exits with 1 when there is no such tenant", (t) =>
      assertFails(
        t,
        ["user", "list", "--tenant", "Third"],
        1,
        /^There is no tenant of this id or name\.\n$/,
      ));
  });

  describe("wuts token create", () => {
    const tokenIn = (stdout: string) => /^ {2}([0-9a-f-]{36})$/m.exec(stdout)?.[1] ?? "";

    it("prints a token that works at once, and does not say it again", async (t) => {
      const { code, stdout, stderr } = await wuts(
        t,
        "token",
        "create",
        "--user",
        ids.admin,
        "--name",
        "Spare",
      );
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, /^This token of [0-9a-f-]{36}, admin, does not expire\. It is shown this once /);
      const token = tokenIn(stdout);
      const me = dataOf(await world.call("/me", { token }));
      assert.deepEqual([at(me, "user", "id"), at(me, "token", "name")], [ids.admin, "Spare"]);
      assert.ok(!JSON.stringify(await world.rows("select * from tokens")).includes(token));
      assert.ok(!JSON.stringify(await world.rows("select * from audit")).includes(token));
    });

    it("notes in the audit trail that no known user did it", async (t) => {
      const { stdout } = await wuts(t, "token", "create", "--user", ids.ana, "--name", "Noted", "--json");
      const id = textAt(JSON.parse(stdout), "id");
      const trail = dataOf(await world.call(`/audit?target_id=${id}`));
      const { at: time, id: entry, ...rest } = Object(at(trail, "items", 0));
      assert.ok(typeof entry === "string" && Date.parse(time) <= Date.now());
      assert.deepEqual(rest, {
        actor: { type: "system", user_id: null, by_user_id: null, token_id: null },
        action: "token.created",
        target: { type: "token", id },
        details: { user_id: ids.ana, name: "Noted" },
        request_id: null,
      });
    });

    it("answers what POST /users/{user_id}/tokens answers, with --json", async (t) => {
      const args = ["--user", ids.ana, "--name", "Twin", "--expires", "90d", "--json"];
      const ofWuts = JSON.parse((await wuts(t, "token", "create", ...args)).stdout);
      const body = { name: "Twin", expires_in: 90 * 24 * 3_600 };
      const ofServer = dataOf(await world.call(`/users/${ids.ana}/tokens`, { method: "POST", body }), 201);
      assert.deepEqual(Object.keys(ofWuts).sort(), Object.keys(Object(ofServer)).sort());
      assert.equal(at(dataOf(await world.call("/me", { token: ofWuts.token })), "user", "id"), ids.ana);
      const apart = Date.parse(textAt(ofServer, "expires_at")) - Date.parse(ofWuts.expires_at);
      assert.ok(apart >= 0 && apart < 60_000, `${apart} ms`);
    });

    it("takes a time as the end", async (t) => {
      const expiresAt = `${new Date().getUTCFullYear() + 1}-12-31T12:00:00.000Z`;
      const args = ["token", "create", "--user", ids.ana, "--name", "Ends", "--expires", expiresAt];
      assert.equal(at(JSON.parse((await wuts(t, ...args, "--json")).stdout), "expires_at"), expiresAt);
      assert.ok((await wuts(t, ...args)).stdout.includes(`expires at ${expiresAt}`));
    });

    it("finds a user by the e-mail address, in whatever case, when only one has it", async (t) => {
      const args = ["--name", "By e-mail", "--user", "BIA@example.com"];
      const { code, stdout, stderr } = await wuts(t, "token", "create", ...args);
      assert.equal(code, 0);
      assert.match(stdout, /^This token of bia@example\.com, user, does not expire\./);
      assert.equal(stderr, "The user is disabled: no token of theirs works until they are enabled.\n");
      assertRefused(await world.call("/me", { token: tokenIn(stdout) }), 401, "UNAUTHORIZED");
    });

    it("asks for the tenant when users of several have the e-mail address", async (t) => {
      const args = ["token", "create", "--user", "ana@example.com", "--name", "Whose"];
      await assertFails(
        t,
        args,
        1,
        /^2 users have this e-mail address: name the tenant with --tenant, or the/,
      );
      for (const [tenant, id] of [
        ["First tenant", ids.ana],
        [tenants.second, ids.otherAna],
      ] as const) {
        const token = tokenIn((await wuts(t, ...args, "--tenant", tenant)).stdout);
        assert.equal(at(dataOf(await world.call("/me", { token })), "user", "id"), id);
      }
    });

    it("exits with 1 when there is no such user or tenant", async (t) => {
      const sentence = /^There is no such user: wuts user list names all there are\.\n$/;
      for (const args of [
        ["--user", randomUUID()],
        ["--user", "nobody@example.com"],
        ["--user", ids.ana, "--tenant", "Second tenant"],
      ]) {
        await assertFails(t, ["token", "create", "--name", "Lost", ...args], 1, sentence);
      }
      const args = ["token", "create", "--name", "Lost", "--user", ids.ana, "--tenant", "Third"];
      await assertFails(t, args, 1, /^There is no tenant of this id or name\.\n$/);
    });

    it("exits with 2 for a name that is none", (t) =>
      assertFails(
        t,
        ["token", "create", "--user", ids.ana, "--name", "a\nb"],
        2,
        /^--name takes 1 to 100 char/,
      ));

    it("exits with 2 for an end that is none", (t) =>
      assertFails(
        t,
        ["token", "create", "--user", ids.ana, "--name", "Ends", "--expires=soon"],
        2,
        /^--expires takes a time that is 60 s to 3650 days from now: /,
      ));

    for (const args of [
      ["--name", "Whose"],
      ["--user", "ana@example.com"],
    ]) {
      it(`exits with 2 without all that it needs: ${args.join(" ")}`, (t) =>
        assertFails(t, ["token", "create", ...args], 2, /^error: required option '--(user|name) <\w+>' not/));
    }
  });
});

describe("Without a database", () => {
  for (const args of [
    ["user", "list"],
    ["token", "create", "--user", randomUUID(), "--name", "Lost"],
  ]) {
    it(`wuts ${args.slice(0, 2).join(" ")} exits with 1, and makes none`, async (t) => {
      const WUTS_DATA_DIR = join(await temporaryFolder(t), "data");
      const { code, stdout, stderr } = await runWuts(t, args, { WUTS_DATA_DIR });
      assert.deepEqual([code, stdout, stderr], [1, "", "WUTS_DATA_DIR holds no database.\n"]);
      assert.equal(existsSync(WUTS_DATA_DIR), false);
    });
  }
});

describe("With more users than are read at once", () => {
  it("wuts user list lists every one, of every tenant, once", async (t) => {
    const { database, dataDir } = await temporaryDatabase(t, sqliteIn);
    const ids: string[] = [];
    // Whole pages, and one that is begun.
    for (const [name, count] of [
      ["Two pages", 1_000],
      ["Nobody", 0],
      ["More than a page", 501],
    ] as const) {
      const tenant = await tenantRepository(database).create(name);
      assert.ok(typeof tenant === "object");
      await database.transaction().execute(async (transaction) => {
        for (let index = 0; index < count; index += 1) {
          const email = `${index}@example.com`;
          const user = await userRepository(transaction).create({ tenantId: tenant.id, role: "user", email });
          if (typeof user === "object") ids.push(user.id);
        }
      });
    }
    const { stdout } = await runWuts(t, ["user", "list", "--json"], { WUTS_DATA_DIR: dataDir });
    const { users } = JSON.parse(stdout);
    assert.deepEqual(users.map((user: unknown) => at(user, "id")).sort(), ids.sort());
    assert.equal(ids.length, 1_501);
  });
});
