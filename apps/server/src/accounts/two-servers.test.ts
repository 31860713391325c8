import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it, type TestContext } from "vitest";
import { type CallOptions, call, dataOf, textAt } from "../test-support/call.ts";
import { startServerProcess, temporaryFolder } from "../test-support/processes/server-process.ts";

const admin = randomUUID();

/** Two processes on one data folder. */
async function twoServers(t: TestContext) {
  const dataDir = await temporaryFolder(t);
  const settings = {
    WUTS_PORT: "0",
    WUTS_DATA_DIR: dataDir,
    WUTS_BOOTSTRAP_TOKEN: admin,
    WUTS_LOG_LEVEL: "silent",
    WUTS_MASTER_TOKEN: "5f0c2d1e-7b8a-4c3d-9e6f-1a2b3c4d5e6f",
  };
  const one = await startServerProcess(t, settings).listening;
  const two = await startServerProcess(t, settings).listening;
  const ask =
    (url: string) =>
    (path: string, options: CallOptions = {}) =>
      call(`${url}${path}`, { token: admin, ...options });
  return { one: ask(one), two: ask(two) };
}

type Servers = Awaited<ReturnType<typeof twoServers>>;

describe("Two servers on one database", () => {
  it("decide one after the other who stays the last admin, and take back what the other takes back", async (t) => {
    const servers = await twoServers(t);
    await demoteEachOther(servers);
    await takeBack(servers);
  });
});

/** Two admins demote each other at once, each through another server. */
async function demoteEachOther({ one, two }: Servers): Promise<void> {
  const me = textAt(dataOf(await one("/me")), "user", "id");
  for (let round = 0; round < 3; round += 1) {
    const body = { email: `ana${round}@example.com`, role: "admin" };
    const created = dataOf(await one("/users", { method: "POST", body }), 201);
    const [ana, token] = [textAt(created, "user", "id"), textAt(created, "token")];
    const demote = { method: "PATCH", body: { role: "user" } };
    const answers = await Promise.all([
      one(`/users/${ana}`, demote),
      two(`/users/${me}`, { ...demote, token }),
    ]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 403]);
    // The admin that is left makes the first one an admin again.
    if (answers[1]?.status === 200) {
      dataOf(await two(`/users/${me}`, { method: "PATCH", body: { role: "admin" }, token }));
      dataOf(await one(`/users/${ana}`, demote));
    }
  }
}

/** A change to a user, a token or a tenant by one server takes effect in the other at its next request. */
async function takeBack({ one, two }: Servers): Promise<void> {
  const created = dataOf(
    await one("/users", { method: "POST", body: { email: "ana@example.com", role: "user" } }),
    201,
  );
  const [id, token] = [textAt(created, "user", "id"), textAt(created, "token")];
  const statuses = async (path = "/devices", sent = token) =>
    Promise.all([one, two].map(async (ask) => (await ask(path, { token: sent })).status));
  assert.deepEqual(await statuses(), [200, 200]);

  // A role.
  assert.deepEqual(await statuses("/users"), [403, 403]);
  dataOf(await one(`/users/${id}`, { method: "PATCH", body: { role: "manager" } }));
  assert.deepEqual(await statuses("/users"), [200, 200]);
  dataOf(await two(`/users/${id}`, { method: "PATCH", body: { role: "user" } }));
  assert.deepEqual(await statuses("/users"), [403, 403]);

  // A user who is disabled, and enabled again.
  dataOf(await one(`/users/${id}`, { method: "PATCH", body: { active: false } }));
  assert.deepEqual(await statuses(), [401, 401]);
  dataOf(await two(`/users/${id}`, { method: "PATCH", body: { active: true } }));
  assert.deepEqual(await statuses(), [200, 200]);

  // A token.
  const tokenId = textAt(dataOf(await two("/me", { token })), "token", "id");
  dataOf(await one(`/users/${id}/tokens/${tokenId}`, { method: "DELETE" }));
  assert.deepEqual(await statuses(), [401, 401]);

  // A user who is deleted, and a tenant.
  const made = dataOf(await two(`/users/${id}/tokens`, { method: "POST", body: { name: "CI" } }), 201);
  const other = textAt(made, "token");
  assert.deepEqual(await statuses("/devices", other), [200, 200]);
  dataOf(await two(`/users/${id}`, { method: "DELETE" }));
  assert.deepEqual(await statuses("/devices", other), [401, 401]);
  const tenant = textAt(dataOf(await one("/me")), "tenant", "id");
  assert.deepEqual(await statuses("/devices", admin), [200, 200]);
  const master = { token: "5f0c2d1e-7b8a-4c3d-9e6f-1a2b3c4d5e6f" };
  dataOf(await one(`/tenants/${tenant}`, { method: "DELETE", ...master }));
  assert.deepEqual(await statuses("/devices", admin), [401, 401]);
}
