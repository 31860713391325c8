import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { connect } from "node:net";
import fc from "fast-check";
import { describe, it } from "vitest";
import { giveBackAfter, Shares } from "./shares.ts";

const bounded = () => new Shares({ what: "cakes", total: 10, perOwner: 6 });

describe("Shares", () => {
  it("refuse an owner more than its share, and all owners more than there is", () => {
    const shares = bounded();
    const ana = shares.of("ana");
    ana.more(6);
    assert.throws(() => shares.of("ana").more(1), {
      name: "RateLimited",
      retryAfter: 1,
      message: "your tenant has as many cakes as it may at once: 6",
    });
    shares.of("bia").more(4);
    assert.throws(() => shares.of("caio").more(1), {
      name: "ServerBusy",
      message: "the server has as many cakes as it can hold",
    });
    ana.giveBack();
    shares.of("ana").more(6);
  });

  it("are the same after everything was given back, however it was taken", () => {
    const step = fc.record({ owner: fc.constantFrom("ana", "bia", "caio"), amount: fc.nat(7) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const shares = bounded();
        const taken = steps.map(({ owner, amount }) => {
          const one = shares.of(owner);
          try {
            one.more(amount);
          } catch {
            // A refused amount was not taken.
          }
          return one;
        });
        for (const one of [...taken, ...taken]) one.giveBack();
        shares.of("ana").more(6);
        shares.of("bia").more(4);
        assert.throws(() => shares.of("caio").more(1), { name: "ServerBusy" });
      }),
    );
  });
});

describe("giveBackAfter", () => {
  for (const [what, isGone] of [
    ["when the client goes", false],
    ["at once when the client has gone already", true],
  ] as const) {
    it(`gives everything back ${what}`, async (t) => {
      const server = createServer().listen(0, "127.0.0.1");
      t.onTestFinished(() => void server.close());
      await once(server, "listening");
      const address = server.address();
      assert.ok(typeof address === "object" && address !== null);
      const client = connect(address.port, "127.0.0.1");
      client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      const [, response]: [unknown, ServerResponse] = (await once(server, "request")) as [
        unknown,
        ServerResponse,
      ];
      const shares = bounded();
      const taken = shares.of("ana");
      taken.more(3);
      const closed = once(response, "close");
      client.destroy();
      if (isGone) await closed;
      giveBackAfter(response, taken);
      await closed;
      assert.equal(shares.taken, 0);
    });
  }
});
