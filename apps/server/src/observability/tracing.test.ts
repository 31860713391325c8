import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type Simulator, startSimulator } from "@wuts/whatsapp-simulator";
import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import { at, call, dataOf, listAt, textAt } from "../test-support/call.ts";
import { startServerProcess, temporaryFolder } from "../test-support/processes/server-process.ts";
import { nextEvent } from "../test-support/until.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const bea = "5511888888888";
const carla = "5511777777777";
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const callersSpan = "00f067aa0ba902b7";
const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** A collector, and the requests that it has received. */
interface Collector {
  readonly url: string;
  /** The path, headers and body of each request. */
  readonly received: { readonly path: string; readonly headers: unknown; readonly body: unknown }[];
}

interface Seen {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly kind: unknown;
  readonly status: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly ms: number;
}

/** @param status what it answers; it never does if that is "silent" */
async function startCollector(t: TestContext, status: number | "silent" = 200): Promise<Collector> {
  const received: Collector["received"] = [];
  const server = createServer(async (request, response) => {
    received.push({ path: request.url ?? "", headers: request.headers, body: await json(request) });
    if (status === "silent") return;
    response.writeHead(status, { "Content-Type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${at(server.address(), "port")}`, received };
}

function spansIn({ received }: Collector): Seen[] {
  const scopes = received.flatMap(({ body }) =>
    listAt(body, "resourceSpans").flatMap((resource) => listAt(resource, "scopeSpans")),
  );
  return scopes
    .flatMap((scope) => listAt(scope, "spans"))
    .map((span) => ({
      name: textAt(span, "name"),
      traceId: textAt(span, "traceId"),
      spanId: textAt(span, "spanId"),
      parentSpanId: String(at(span, "parentSpanId") ?? ""),
      kind: at(span, "kind"),
      status: at(span, "status", "code") ?? 0,
      attributes: attributesOf(span),
      ms: (Number(at(span, "endTimeUnixNano")) - Number(at(span, "startTimeUnixNano"))) / 1e6,
    }));
}

function attributesOf(holder: unknown): Record<string, unknown> {
  return Object.fromEntries(
    listAt(holder, "attributes").map((attribute) => [
      textAt(attribute, "key"),
      Object.values(Object(at(attribute, "value")))[0],
    ]),
  );
}

describe("Traces", () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator();
    simulator.addAccount({ phone: owner });
    simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    simulator.addAccount({ phone: bea, picture: { id: "1700000001" }, pictureBehaviour: "silent" });
    simulator.addAccount({ phone: carla, picture: { id: "1700000007" }, pictureBehaviour: "hidden" });
  });
  afterAll(() => simulator.stop());

  /** A server in a process of its own, since OpenTelemetry reads the environment of the process. */
  const start = async (t: TestContext, variables: Record<string, string>, file: readonly string[] = []) => {
    const token = randomUUID();
    const settings = {
      WUTS_PORT: "0",
      WUTS_DATA_DIR: await temporaryFolder(t),
      WUTS_WHATSAPP_URL: simulator.url,
      WUTS_WHATSAPP_TIMEOUT_MS: "300",
      WUTS_BOOTSTRAP_TOKEN: token,
      ...variables,
    };
    const [first = main, ...others] = [...file, main];
    const server = startServerProcess(t, settings, [first, ...others]);
    const url = await server.listening;
    const ask = (path: string, options: Parameters<typeof call>[1] = {}) =>
      call(`${url}${path}`, { token, ...options });
    return { server, token, ask };
  };
  const pair = async ({ ask }: Pick<Awaited<ReturnType<typeof start>>, "ask">) => {
    const login = nextEvent(simulator.events, "login");
    await simulator.account(owner).scanQr(textAt(dataOf(await ask("/qr")), "qr_code"));
    await login;
    dataOf(await ask("/connect", { method: "POST" }));
  };

  it("are a span for each request, and below it one for each query that it took", async (t) => {
    const collector = await startCollector(t);
    const { server, token, ask } = await start(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=acme",
      OTEL_SERVICE_NAME: "pictures",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=staging",
    });
    await pair({ ask });
    const headers = { traceparent: `00-${traceId}-${callersSpan}-01` };
    dataOf(await ask(`/contacts/profile-picture?number=${ana}`, { headers }));
    await ask(`/contacts/profile-picture?number=${carla}`);
    await ask(`/contacts/profile-picture?number=${bea}`);
    dataOf(await ask("/contacts/check", { method: "POST", body: { numbers: [ana] } }));
    await ask(`/no/such/path/${ana}?token=${token}`);
    assert.equal((await server.end("SIGTERM")).code, 0);

    assert.ok(collector.received.length > 0);
    for (const { path, headers: sent, body } of collector.received) {
      assert.deepEqual([path, at(sent, "x-tenant")], ["/v1/traces", "acme"]);
      for (const { resource } of listAt(body, "resourceSpans").map((each) => ({
        resource: at(each, "resource"),
      })))
        assert.partialDeepStrictEqual(attributesOf(resource), {
          "service.name": "pictures",
          "deployment.environment.name": "staging",
        });
    }
    const spans = spansIn(collector);
    const below = (parent: Seen) => spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId);
    const pictures = spans.filter(({ name }) => name === "getContactProfilePicture");
    const [found, hidden, late] = pictures;
    assert.ok(pictures.length === 3 && found && hidden && late);

    const route = "/contacts/profile-picture";
    assert.deepEqual(
      pictures.map(({ kind, status, attributes }) => [kind, status, attributes]),
      [
        [2, 0, { "http.request.method": "GET", "http.route": route, "http.response.status_code": 200 }],
        [
          2,
          0,
          {
            "http.request.method": "GET",
            "http.route": route,
            "http.response.status_code": 404,
            error_code: "PICTURE_HIDDEN",
          },
        ],
        [
          2,
          2,
          {
            "http.request.method": "GET",
            "http.route": route,
            "http.response.status_code": 504,
            error_code: "WHATSAPP_TIMEOUT",
            "error.type": "WHATSAPP_TIMEOUT",
          },
        ],
      ],
    );
    assert.deepEqual([found.traceId, found.parentSpanId], [traceId, callersSpan]);
    assert.ok(hidden.traceId !== traceId && hidden.parentSpanId === "");

    const pictureQueries = pictures.map((parent) =>
      below(parent).filter(({ name }) => name === "whatsapp w:profile:picture"),
    );
    assert.deepEqual(
      pictureQueries.map((queries) =>
        queries.map(({ kind, status, attributes }) => [kind, status, attributes]),
      ),
      [
        [[3, 0, { "whatsapp.kind": "w:profile:picture", "whatsapp.outcome": "answered" }]],
        [[3, 0, { "whatsapp.kind": "w:profile:picture", "whatsapp.outcome": "refused" }]],
        [
          [
            3,
            2,
            {
              "whatsapp.kind": "w:profile:picture",
              "whatsapp.outcome": "timeout",
              "error.type": "timeout",
            },
          ],
        ],
      ],
    );
    for (const [index, parent] of pictures.entries()) {
      for (const query of below(parent)) {
        assert.equal(query.traceId, parent.traceId);
        assert.ok(query.ms > 0 && query.ms <= parent.ms, `${query.ms} of ${parent.ms} in ${index}`);
      }
    }

    // The body of a request arrives in events of the connection, which belong to no request.
    const check = spans.find(({ name }) => name === "checkContacts");
    assert.ok(check);
    assert.deepEqual(
      below(check).map(({ attributes }) => attributes),
      [{ "whatsapp.kind": "usync", "whatsapp.outcome": "answered" }],
    );
    const lost = spans.filter(({ attributes }) => attributes.error_code === "NOT_FOUND");
    assert.deepEqual(
      lost.map(({ name, attributes }) => [name, attributes]),
      [["GET", { "http.request.method": "GET", "http.response.status_code": 404, error_code: "NOT_FOUND" }]],
    );

    const sent = JSON.stringify(collector.received);
    for (const secret of [token, owner, ana, bea, carla, "no/such/path"])
      assert.ok(!sent.includes(secret), secret);
  });

  it("tell of a request whose client went away", async (t) => {
    const collector = await startCollector(t);
    const { server, ask } = await start(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await pair({ ask });
    const asked = nextEvent(
      simulator.events,
      "stanza",
      ({ stanza }) => stanza.attrs.xmlns === "w:profile:picture",
    );
    const controller = new AbortController();
    const asking = ask(`/contacts/profile-picture?number=${bea}`, { signal: controller.signal });
    await asked;
    controller.abort();
    await assert.rejects(asking);
    await server.end("SIGTERM");
    const span = spansIn(collector).find(({ name }) => name === "getContactProfilePicture");
    assert.deepEqual(span?.attributes, {
      "http.request.method": "GET",
      "http.route": "/contacts/profile-picture",
      "error.type": "aborted",
    });
  });

  it("are sampled as the variables say, and as the caller's trace is", async (t) => {
    const collector = await startCollector(t);
    const { server, ask } = await start(t, {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/here`,
      OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0",
    });
    await ask("/me");
    await ask("/devices", { headers: { traceparent: `00-${traceId}-${callersSpan}-01` } });
    await ask("/users", { headers: { traceparent: `00-${traceId}-${callersSpan}-00` } });
    await server.end("SIGTERM");
    assert.deepEqual(new Set(collector.received.map(({ path }) => path)), new Set(["/here"]));
    assert.deepEqual(
      spansIn(collector).map(({ name }) => name),
      ["listDevices"],
    );
  });

  for (const [what, status] of [
    ["refuses", 400],
    ["never answers to", "silent"],
  ] as const) {
    it(`that their collector ${what} keep no caller waiting, and are in the log once, without its address`, async (t) => {
      const collector = await startCollector(t, status);
      const { server, ask } = await start(t, {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=swordfish",
      });
      dataOf(await ask("/me"));
      const { code, stdout, stderr } = await server.end("SIGTERM");
      assert.deepEqual([code, stderr], [0, ""]);
      assert.equal(stdout.match(/traces cannot be delivered/g)?.length, 1, stdout);
      assert.ok(!stdout.includes(collector.url) && !stdout.includes("swordfish"));
    });
  }

  // Tells of each module of OpenTelemetry's SDK that is loaded, on stderr.
  const watching = [
    "--import",
    `data:text/javascript,import { registerHooks } from "node:module";
     registerHooks({ load(url, context, next) {
       const [name] = /@opentelemetry.(sdk-trace|exporter-trace-otlp-http|resources|core)(?=\\W)/.exec(url) ?? [];
       if (name) console.error("loaded", name);
       return next(url, context);
     } });`,
  ];

  it("load OpenTelemetry", async (t) => {
    const collector = await startCollector(t);
    const { server } = await start(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, watching);
    assert.match((await server.end("SIGTERM")).stderr, /^loaded @opentelemetry.sdk-trace$/m);
  });

  for (const [when, variables] of Object.entries({
    "no variable names a collector": { OTEL_SERVICE_NAME: "pictures", OTEL_EXPORTER_OTLP_ENDPOINT: "" },
    "OTEL_SDK_DISABLED is true": { OTEL_SDK_DISABLED: "True" },
    "OTEL_TRACES_EXPORTER is none": { OTEL_TRACES_EXPORTER: "none" },
  })) {
    it(`are not sent, and OpenTelemetry is not loaded, when ${when}`, async (t) => {
      const collector = await startCollector(t);
      const { server, ask } = await start(
        t,
        { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...variables },
        watching,
      );
      dataOf(await ask("/me"));
      assert.deepEqual([(await server.end("SIGTERM")).stderr, collector.received], ["", []]);
    });
  }
});
