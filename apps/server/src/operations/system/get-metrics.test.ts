import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { availableParallelism } from "node:os";
import perfHooks from "node:perf_hooks";
import { text } from "node:stream/consumers";
import { wutsContract } from "@wuts/contract";
import { afterAll, beforeAll, describe, it, vi } from "vitest";
import type { Overrides } from "../../app/compose.ts";
import { assertInvalid, assertRefused, dataOf } from "../../test-support/call.ts";
import { assertGrowth, readSamples, samplesOf } from "../../test-support/processes/samples.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import { masterToken, withMaster } from "../../test-support/worlds/master.ts";
import {
  ana,
  isPictureQuery,
  jidOf,
  limited,
  owner,
  silent,
  withoutPicture,
  worldOfPictures,
} from "../../test-support/worlds/pictures.ts";

const answered = (operation: string, status: number | string, code = "none") =>
  `wuts_http_requests_total{operation="${operation}",status="${status}",error_code="${code}"}`;
const took = (operation: string) => `wuts_http_request_duration_seconds_count{operation="${operation}"}`;
const queries = (outcome: string, kind = "w:profile:picture") =>
  `wuts_whatsapp_query_duration_seconds_count{kind="${kind}",outcome="${outcome}"}`;
const closed = (reason: string) => `wuts_connections_closed_total{reason="${reason}"}`;
const reconnected = (reason: string) => `wuts_reconnects_total{reason="${reason}"}`;
const devices = (state: string) => `wuts_devices{state="${state}"}`;
const queued = (state: string) => `wuts_device_queue_depth{state="${state}"}`;
const violations = (operation: string) => `wuts_response_contract_violations_total{operation="${operation}"}`;

describe("GET /metrics", () => {
  describe("200", () => {
    let world: World;
    beforeAll(async () => {
      world = await worldOfPictures();
    });
    afterAll(() => world.stop());
    const look = (number: string) => world.call(`/contacts/profile-picture?number=${number}`);

    it("is Prometheus' text format, in which each metric says what it is", async () => {
      const { status, headers, body } = await world.call("/metrics", { token: null });
      assert.equal(status, 200);
      assert.equal(headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
      const text = String(body);
      const described = [...text.matchAll(/^# HELP (\w+) \S.*\n# TYPE \1 (?:counter|gauge|histogram)$/gm)];
      const names = described.map(([, name = ""]) => name);
      for (const sample of readSamples(text).keys()) {
        const name = /^\w+/.exec(sample)?.[0] ?? "";
        assert.ok(names.includes(name.replace(/_(?:bucket|sum|count)$/, "")) || names.includes(name), name);
      }
    });

    it("counts requests by operation, status and error code, and how long they took", async () => {
      await assertGrowth(
        world,
        {
          [answered("listDevices", 200)]: 1,
          [answered("listDevices", 401, "UNAUTHORIZED")]: 2,
          [answered("getContactProfilePicture", 404, "PICTURE_NOT_SET")]: 1,
          [answered("getContactProfilePicture", 400, "VALIDATION_ERROR")]: 1,
          [took("listDevices")]: 3,
          [took("getContactProfilePicture")]: 2,
        },
        async () => {
          dataOf(await world.call("/devices"));
          for (const token of [null, randomUUID()]) await world.call("/devices", { token });
          await look(withoutPicture);
          await look("nonsense");
        },
      );
    });

    it("counts what is for no operation together, whatever its path", async () => {
      await assertGrowth(
        world,
        { [answered("none", 404, "NOT_FOUND")]: 2, [answered("none", 405, "METHOD_NOT_ALLOWED")]: 1 },
        async () => {
          await world.call(`/of/${ana}`);
          await world.call("/nothing");
          await world.call("/metrics", { method: "POST" });
        },
      );
    });

    it("counts a request whose client went away apart from those that were answered", async () => {
      const { simulator } = world;
      const asked = nextEvent(simulator.events, "stanza", isPictureQuery);
      const controller = new AbortController();
      await assertGrowth(world, { [answered("getContactProfilePicture", "aborted")]: 1 }, async () => {
        const asking = fetch(`${world.url}/contacts/profile-picture?number=${silent}`, {
          headers: { authorization: `Bearer ${world.token}` },
          signal: controller.signal,
        });
        await asked;
        controller.abort();
        await assert.rejects(asking);
      });
    });

    it("counts what WhatsApp was asked, by kind and by what it came to", async () => {
      await assertGrowth(
        world,
        { [queries("answered")]: 1, [queries("refused")]: 2, [queries("timeout")]: 1 },
        async () => {
          dataOf(await look(ana));
          assertRefused(await look(withoutPicture), 404, "PICTURE_NOT_SET");
          assertRefused(await look(limited), 429, "WHATSAPP_RATE_LIMITED");
          assertRefused(await look(silent), 504, "WHATSAPP_TIMEOUT");
        },
      );
      const seconds = queries("timeout").replace("_count{", "_sum{");
      assert.ok(((await samplesOf(world)).get(seconds) ?? 0) >= 0.4, "a timeout took its time");
    });

    it("counts fetches of the app state as queries", async () => {
      await assertGrowth(world, { [queries("answered", "w:sync:app:state")]: 1 }, async () => {
        const body = { scopes: ["contacts"] };
        dataOf(await world.call("/appstate/sync", { method: "POST", body }));
      });
    });

    it("tells how the process is", async () => {
      const [samples, askedAt] = [await samplesOf(world), performance.now()];
      const startedAt = (samples.get("process_start_time_seconds") ?? 0) * 1000;
      assert.ok(Math.abs(startedAt - performance.timeOrigin) < 5_000, `${startedAt}`);
      for (const name of [
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "nodejs_heap_size_used_bytes",
      ]) {
        assert.ok((samples.get(name) ?? 0) > 0, name);
      }
      await until("timers to be late, if by nothing but what they wait", async () => {
        const seen = (await samplesOf(world)).get("nodejs_eventloop_lag_p99_seconds");
        return { found: seen || undefined, seen };
      });
      const later = await samplesOf(world);
      const cpu = [samples, later].map((each) => each.get("process_cpu_seconds_total") ?? 0);
      const used = (cpu[1] ?? 0) - (cpu[0] ?? 0);
      const most = ((performance.now() - askedAt) / 1000) * availableParallelism() + 1;
      assert.ok(used >= 0 && used <= most, `${used} s of ${most} s`);
    });

    it("names no user, contact or device, whatever was asked", async () => {
      const { id: _, token } = await world.addPerson();
      const [device] = await world.rows("select id, jid, lid from devices");
      for (const path of [
        `/devices/${Object(device).id}`,
        `/users/${ana}`,
        `/${token}`,
        `/me?token=${token}`,
      ])
        await world.call(path, { token });
      dataOf(await look(ana));
      const text = String((await world.call("/metrics", { token })).body);
      const ids = await world.rows(
        "select id from users union select id from tenants union select id from tokens",
      );
      const secrets = [
        ...[owner, ana, withoutPicture, jidOf(owner), world.token, token, world.dataDir],
        ...[device, ...ids].flatMap((row) => Object.values(Object(row))),
      ];
      assert.ok(secrets.length > 10);
      for (const secret of secrets) assert.ok(!text.includes(String(secret)), `it holds ${secret}`);
      for (const [, label, value = ""] of text.matchAll(/(\w+)="([^"]*)"/g))
        assert.match(value, /^(?!.*\d{4})[\w:.+]{1,60}$/, label);
    });
  });

  describe("200, of devices", () => {
    let world: World;
    let device: string;
    beforeAll(async () => {
      world = await startWorld({ WUTS_DEVICE_CONCURRENCY: "1" });
      world.simulator.addAccount({ phone: owner });
      world.simulator.addAccount({ phone: ana, picture: { id: "1" } });
    });
    afterAll(() => world.stop());

    it("begins what is rare with 0, so that the first one is an increase", async () => {
      const samples = await samplesOf(world);
      for (const sample of [
        ...[closed("connection_lost"), closed("banned"), reconnected("connection_lost")],
        ...wutsContract.operations.map(({ operationId }) => violations(operationId)),
        ...[devices("connected"), devices("banned"), queued("waiting"), queued("running")],
      ]) {
        assert.equal(samples.get(sample), 0, sample);
      }
      assert.equal(samples.has(reconnected("banned")), false, "no device comes back after that");
    });

    it("tells how many are in which state, and what opens and ends their connections", async () => {
      await assertGrowth(
        world,
        {
          [devices("connected")]: 1,
          [devices("unpaired")]: 1,
          [closed("restart_required")]: 1,
          [reconnected("restart_required")]: 1,
        },
        async () => {
          const resting = await world.createDevice();
          dataOf(await world.call(`/status?device_id=${resting}`));
          device = await world.pairedDevice(owner);
        },
      );
    });

    it("counts a connection that is lost and comes back, and a query that ends with it", async () => {
      const { faults, events } = world.simulator;
      const undo = faults.silence(({ attrs }) => attrs.xmlns === "w:profile:picture");
      await assertGrowth(
        world,
        {
          [closed("connection_lost")]: 1,
          [reconnected("connection_lost")]: 1,
          [queries("not_ready")]: 1,
          [devices("connected")]: 0,
        },
        async () => {
          const asked = nextEvent(events, "stanza", isPictureQuery);
          const asking = world.call(`/contacts/profile-picture?number=${ana}&device_id=${device}`);
          await asked;
          faults.close(owner, "tcp-drop");
          assertRefused(await asking, 503, "DEVICE_NOT_READY");
          await world.untilState(device, "connected");
        },
      );
      undo();
    });

    it("counts a connection that was meant to end, and none that is opened again", async () => {
      await assertGrowth(
        world,
        { [closed("requested")]: 1, [devices("disconnected")]: 1, [reconnected("connection_lost")]: 0 },
        async () => dataOf(await world.call(`/disconnect?device_id=${device}`, { method: "POST" })),
      );
      dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
    });

    it("tells how many queries wait for their turn and how many run", async () => {
      const { faults, events } = world.simulator;
      const undo = faults.silence(({ attrs }) => attrs.xmlns === "w:profile:picture");
      const asked = nextEvent(events, "stanza", isPictureQuery);
      const asking = [0, 1, 2].map((index) => {
        world.simulator.addAccount({ phone: `553190000000${index}` });
        return world.call(`/contacts/profile-picture?number=553190000000${index}&device_id=${device}`);
      });
      await asked;
      await until("the queue to have one that runs and two that wait", async () => {
        const samples = await samplesOf(world);
        const seen = [samples.get(queued("running")), samples.get(queued("waiting"))];
        return { found: seen.join() === "1,2" ? true : undefined, seen };
      });
      faults.close(owner, "tcp-drop");
      await Promise.all(asking);
      undo();
      await world.untilState(device, "connected");
      const samples = await samplesOf(world);
      assert.deepEqual([samples.get(queued("running")), samples.get(queued("waiting"))], [0, 0]);
    });
  });

  describe("200, of a server with a bug", () => {
    const leaky: Overrides["handlers"] = {
      listDevices: () => {
        const data = { items: [], next_cursor: null, password: "swordfish" };
        return { status: 200, data };
      },
    };

    for (const [policy, status, code] of [
      ["log", 200, "none"],
      ["fail", 500, "INTERNAL_ERROR"],
    ] as const) {
      it(`counts answers that break the contract with WUTS_RESPONSE_VIOLATIONS=${policy}`, async (t) => {
        const overrides = { handlers: leaky };
        const world = await startWorld({ WUTS_RESPONSE_VIOLATIONS: policy }, { overrides });
        t.onTestFinished(() => world.stop());
        await assertGrowth(
          world,
          {
            [violations("listDevices")]: 2,
            [answered("listDevices", status, code)]: 2,
            [violations("getMe")]: 0,
          },
          async () => {
            await world.call("/devices");
            await world.call("/devices");
          },
        );
      });
    }
  });

  describe("200, of two servers in one process", () => {
    it("is of each what it has counted itself", async (t) => {
      const one = await startWorld();
      t.onTestFinished(() => one.stop());
      const other = await startWorld();
      t.onTestFinished(() => other.stop());
      await assertGrowth(one, { [answered("listDevices", 200)]: 1 }, () => one.call("/devices"));
      const samples = await samplesOf(other);
      assert.equal(samples.get(answered("listDevices", 200)), undefined);
    });

    it("leaves no timer behind when one stops", async (t) => {
      const started: ReturnType<typeof perfHooks.monitorEventLoopDelay>[] = [];
      const { monitorEventLoopDelay } = perfHooks;
      vi.spyOn(perfHooks, "monitorEventLoopDelay").mockImplementation((options) => {
        const delays = monitorEventLoopDelay(options);
        started.push(delays);
        return delays;
      });
      syncBuiltinESMExports();
      t.onTestFinished(() => {
        vi.restoreAllMocks();
        syncBuiltinESMExports();
      });
      const world = await startWorld();
      assert.equal(started.length, 1);
      assert.equal(started[0]?.enable(), false, "it runs while the server does");
      await world.stop();
      assert.equal(started[0]?.disable(), false, "it does not run any more");
    });
  });

  describe("with WUTS_METRICS_TOKEN", () => {
    const token = "9b1e4d7c-2a5f-4c8e-b6d3-0f1a2b3c4d5e";
    let world: World;
    beforeAll(async () => {
      world = await startWorld({ ...withMaster, WUTS_METRICS_TOKEN: token.toUpperCase() });
    });
    afterAll(() => world.stop());

    describe("200", () => {
      for (const [what, authorization] of [
        ["the token", `Bearer ${token}`],
        ["the token in capitals", `Bearer ${token.toUpperCase()}`],
        ["the token without a scheme", token],
      ] as const) {
        it(`is for a caller who has ${what}`, async () => {
          await samplesOf(world, { headers: { authorization } });
        });
      }
    });

    describe("401", () => {
      it("is for a caller without a token, or with another one, be it an admin's or the master token", async () => {
        for (const other of [null, "nonsense", randomUUID(), world.token, await world.addUser(), masterToken])
          assertRefused(await world.call("/metrics", { token: other }), 401, "UNAUTHORIZED");
      });

      it("is what the token gets everywhere else", async () => {
        for (const path of ["/me", "/devices", "/tenants"])
          assertRefused(await world.call(path, { token }), 401, "UNAUTHORIZED");
      });
    });

    describe("400", () => {
      it("refuses a parameter that the contract does not know", async () => {
        assertInvalid(await world.call(`/metrics?token=${token}`, { token }), "token");
      });
    });
  });

  describe("429", () => {
    it("is for a client that guesses, and not for one that knows the token", async (t) => {
      const token = randomUUID();
      const world = await startWorld({ WUTS_METRICS_TOKEN: token, WUTS_RATE_LIMIT_FAILED_AUTH: "2" });
      t.onTestFinished(() => world.stop());
      for (const status of [401, 401, 429])
        assert.equal((await world.call("/metrics", { token: randomUUID() })).status, status);
      await samplesOf(world, { token });
    });

    it("is of each address where no token is needed: no other uses up what is left to it", async (t) => {
      const world = await startWorld({ WUTS_RATE_LIMIT_TOKEN: "2", WUTS_TRUST_PROXY: "1" });
      t.onTestFinished(() => world.stop());
      const ask = (address: string) =>
        world.call("/metrics", { token: null, headers: { "x-forwarded-for": address } });
      for (const status of [200, 200, 429]) assert.equal((await ask("192.0.2.1")).status, status);
      assert.equal((await ask("198.51.100.1")).status, 200);
    });

    it("is for a client that asks too often", async (t) => {
      const world = await startWorld({ WUTS_RATE_LIMIT_TOKEN: "2" });
      t.onTestFinished(() => world.stop());
      for (const _ of [1, 2]) await samplesOf(world);
      assertRefused(await world.call("/metrics", { token: null }), 429, "RATE_LIMITED");
      assert.equal((await world.call("/devices")).status, 200, "that uses up no token's own limit");
    });
  });

  describe("404", () => {
    /** A short form of 127.0.0.1, which to the server is a name that may be anywhere. */
    const beyond = { WUTS_HOST: "127.1" };

    it("says NOT_FOUND to every client where others may reach the server and no token is set", async (t) => {
      const world = await startWorld({ ...withMaster, ...beyond });
      t.onTestFinished(() => world.stop());
      for (const token of [null, randomUUID(), world.token, masterToken])
        assertRefused(await world.call("/metrics", { token }), 404, "NOT_FOUND");
      const [off, nothing] = [await world.call("/metrics"), await world.call("/nothing")];
      const said = ({ body }: typeof off) => ({ ...Object(body), request_id: "", timestamp: "" });
      assert.deepEqual(said(off), said(nothing));
    });

    it("says where to ask under a name that is not this machine's own, which a page of others may have led here", async (t) => {
      // With a proxy that is believed, too: `X-Forwarded-Host` is for that page to write, `Host` is not.
      for (const settings of [{}, { WUTS_TRUST_PROXY: "loopback" }]) {
        const world = await startWorld(settings);
        t.onTestFinished(() => world.stop());
        const { port } = new URL(world.url);
        const under = (host: string) => askUnder(world.url, host, { "x-forwarded-host": "127.0.0.1" });
        const own = ["127.0.0.1", "127.9.8.7", "localhost", "LOCALHOST", "[::1]", "127.0.0.1:"];
        for (const name of own)
          for (const host of [name, `${name.replace(/:$/, "")}:${port}`])
            assert.equal((await under(host)).status, 200, host);
        const others = [
          ...["example.com", "127.0.0.1.example.com", "localhost.example.com", "127.0.0.1@example.com"],
          ...["example.com@127.0.0.1", "192.0.2.1", "[2001:db8::1]", "[::1].example.com", "127.1", "::1"],
          ...["127.0.0.1,example.com", "example.com:127.0.0.1", ":"],
        ];
        for (const name of others)
          for (const host of [name, `${name}:${port}`]) {
            const { status, body } = await under(host);
            assert.equal(status, 404, host);
            assert.match(body, /"error_code":"NOT_FOUND"/, host);
            assert.match(body, /ask 127\.0\.0\.1 or localhost, or set WUTS_METRICS_TOKEN/, host);
          }
      }
    });

    it("is not for a caller who has the token, whatever the name", async (t) => {
      const token = randomUUID();
      const world = await startWorld({ ...beyond, WUTS_METRICS_TOKEN: token });
      t.onTestFinished(() => world.stop());
      await samplesOf(world, { token });
      const authorization = `Bearer ${token}`;
      assert.equal((await askUnder(world.url, "example.com", { authorization })).status, 200);
      assertRefused(await world.call("/metrics", { token: null }), 401, "UNAUTHORIZED");
    });
  });
});

/** Asks for the metrics under a name that `fetch` would not send. */
async function askUnder(url: string, host: string, headers: Record<string, string>) {
  const asked = httpRequest(`${url}/metrics`, { headers: { host, ...headers } });
  asked.end();
  const [response] = await once(asked, "response");
  const body = String(await text(response));
  return { status: Number(response.statusCode), body };
}
