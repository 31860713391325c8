import assert from "node:assert/strict";
import pg from "pg";
import { it, type TestContext } from "vitest";
import { dataOf, textAt } from "../../test-support/call.ts";
import { describeOnPostgres } from "../../test-support/databases/test-database.ts";
import { samplesOf } from "../../test-support/processes/samples.ts";
import { until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

/** Keeps everything waiting that changes something of a tenant. @returns what lets it go on */
async function holdTenant(t: TestContext, world: World, tenantId: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: world.database.place.databaseUrl });
  await client.connect();
  let isHeld = true;
  const letGo = async () => {
    if (isHeld) await client.end();
    isHeld = false;
  };
  t.onTestFinished(letGo);
  await client.query("begin");
  await client.query("select id from tenants where id = $1 for update", [tenantId]);
  return letGo;
}

const mostConnections = 10;
const waiting =
  "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

async function untilUnderWay(world: World, amount: number): Promise<void> {
  await until(`${amount} requests under way`, async () => {
    const seen = (await samplesOf(world)).get('wuts_http_under_way{what="requests"}');
    return { found: seen === amount || undefined, seen };
  });
}

/** Waits until every connection that requests have waits for a lock. */
async function untilAllWait(world: World): Promise<void> {
  await until("all connections waiting", async () => {
    const seen = await world.rows(waiting);
    return { found: seen.length === mostConnections || undefined, seen: seen.length };
  });
}

describeOnPostgres("Connections to a database server", () => {
  const many = 60;

  it("are taken in turn by tenants: one that has many requests waiting does not keep another's waiting", async (t) => {
    const world = await startWorld();
    t.onTestFinished(() => world.stop());
    const [ana, bia] = [
      await world.addPerson("user"),
      await world.addPerson("user", await world.addTenant()),
    ];
    for (const { token } of [ana, bia]) dataOf(await world.call("/devices", { token }));
    const tenant = textAt(dataOf(await world.call("/me")), "tenant", "id");
    const letGo = await holdTenant(t, world, tenant);
    let answered = 0;
    const change = async () => {
      const answer = await world.call(`/users/${ana.id}`, { method: "PATCH", body: { active: true } });
      answered += 1;
      return answer;
    };
    const theirs = Array.from({ length: many }, change);
    await untilAllWait(world);
    await untilUnderWay(world, many);
    const own = world
      .call("/devices", { method: "POST", body: { name: "Own" }, token: bia.token })
      .then((answer) => ({ answer, after: answered }));
    await untilUnderWay(world, many + 1);
    await letGo();
    const { answer, after } = await own;
    dataOf(answer, 201);
    for (const each of await Promise.all(theirs)) dataOf(each);
    assert.ok(after <= 3 * mostConnections, `${after} of ${many} requests of the other tenant came first`);
  });

  it("are given back, also when they break in the hands of who has one", async (t) => {
    const world = await startWorld();
    t.onTestFinished(() => world.stop());
    const ana = await world.addPerson("user");
    const tenant = textAt(dataOf(await world.call("/me")), "tenant", "id");
    const letGo = await holdTenant(t, world, tenant);
    const change = () => world.call(`/users/${ana.id}`, { method: "PATCH", body: { active: true } });
    const changes = Array.from({ length: many }, change);
    await untilAllWait(world);
    await world.rows(`select pg_terminate_backend(pid) from (${waiting}) as waiting`);
    await letGo();
    const statuses = (await Promise.all(changes)).map(({ status }) => status);
    assert.deepEqual([...new Set(statuses)].sort(), [200, 503]);
    assert.equal(statuses.filter((status) => status === 503).length, mostConnections);
    for (const each of await Promise.all(Array.from({ length: many }, change))) dataOf(each);
  });
});
