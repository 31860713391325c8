import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "vitest";
import { readConfig } from "../../config/config.ts";
import { metricsAccess } from "./metrics-access.ts";

describe("The metrics", () => {
  const hosts = {
    thisMachine: ["127.0.0.1", "127.1.2.3", "::1", "localhost", "LOCALHOST"],
    noOne: ["0.0.0.0", "::", "192.0.2.1", "10.0.0.1", "wuts.example.com", "127.0.0.1.example.com", "127.1"],
  } as const;

  for (const who of ["thisMachine", "noOne"] as const) {
    for (const WUTS_HOST of hosts[who]) {
      it(`are for ${who} on ${WUTS_HOST}, and with a token for its holder`, () => {
        assert.equal(metricsAccess(readConfig({ WUTS_HOST })), who);
        const token = randomUUID();
        assert.deepEqual(metricsAccess(readConfig({ WUTS_HOST, WUTS_METRICS_TOKEN: token })), { token });
      });
    }
  }

  it("are for no one beyond loopback in production, too", () => {
    assert.equal(metricsAccess(readConfig({ WUTS_HOST: "0.0.0.0", NODE_ENV: "production" })), "noOne");
  });
});
