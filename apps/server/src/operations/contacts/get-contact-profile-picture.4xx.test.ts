import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import {
  assertInvalid,
  assertRefused,
  assertRetryAfter,
  at,
  type CallOptions,
  dataOf,
  textAt,
} from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const secondOwner = "5511900000001";
const ana = "5511999999999";
const unregistered = "5511444444444";
const group = "120363039000000000@g.us";

describe("GET /contacts/profile-picture", () => {
  let world: World;
  let device: string;
  beforeAll(async () => {
    world = await startWorld();
    const { simulator } = world;
    for (const phone of [owner, secondOwner]) simulator.addAccount({ phone });
    simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    simulator.addGroup({ jid: group, subject: "Group" });
    device = await world.pairedDevice(owner);
  });
  beforeEach(() => {
    world.simulator.account(ana).setPicture({ id: "1700000000" });
    world.simulator.account(ana).setPictureBehaviour("visible");
    world.simulator.group(group).setPictureBehaviour("visible");
    world.simulator.received.reset();
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const look = (query: string, options: CallOptions = {}) =>
    world.call(`/contacts/profile-picture?${query}`, options);

  describe("400", () => {
    it("names both parameters when neither is given", async () => {
      assertInvalid(await look(""), "jid", "number");
    });

    for (const jid of [
      "not-a-jid",
      "5511999999999",
      "5511999999999@c.us",
      "1234@s.whatsapp.net",
      "5511999999999:12345@s.whatsapp.net",
      "120363000000000000@newsletter",
      "1500000000@broadcast",
      "status@broadcast",
      "120363039000000000:1@g.us",
      "",
    ]) {
      it(`refuses jid=${jid}`, async () => assertInvalid(await look(`jid=${jid}`), "jid"));
    }

    it("refuses a malformed jid although a good number stands beside it", async () => {
      assertInvalid(await look(`jid=nobody&number=${ana}`), "jid");
    });

    for (const number of ["551199999", "5511999999999123", "+0055119999999990", "55119999x9999", ""]) {
      it(`refuses number=${number}, and says in words why`, async () => {
        const answer = await look(`number=${encodeURIComponent(number)}`);
        assertInvalid(answer, "number");
        assert.doesNotMatch(JSON.stringify(answer.body), /pattern/);
      });
    }

    for (const preview of ["yes", "2", "TRUE", ""]) {
      it(`refuses preview=${preview}`, async () => {
        assertInvalid(await look(`number=${ana}&preview=${preview}`), "preview");
      });
    }

    it("refuses an existing_id that is none", async () => {
      assertInvalid(await look(`number=${ana}&existing_id=a%20b`), "existing_id");
    });

    it("refuses a device_id that is no UUID", async () => {
      assertInvalid(await look(`number=${ana}&device_id=1`), "device_id");
    });

    it("refuses a parameter that the contract does not know", async () => {
      assertInvalid(await look(`number=${ana}&size=big`), "size");
    });

    it("refuses a parameter that is given twice", async () => {
      const answer = await look(`number=${ana}&number=${owner}`);
      assertInvalid(answer, "number");
      assert.partialDeepStrictEqual(answer.body, { validation: [{ message: "must be given only once" }] });
    });

    it("names every wrong parameter at once", async () => {
      assertInvalid(await look("jid=x&preview=maybe"), "jid", "preview");
    });

    it("asks WhatsApp nothing", async () => {
      await look("jid=x");
      assert.equal(world.simulator.received.get("iq w:profile:picture get"), 0);
    });
  });

  describe("401", () => {
    const query = `number=${ana}`;
    const withHeader = (authorization: string) => look(query, { token: null, headers: { authorization } });

    it("refuses who sends no token, and says how to", async () => {
      const answer = await look(query, { token: null });
      assertRefused(answer, 401, "UNAUTHORIZED");
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    });

    it("refuses a malformed token", async () => {
      assertRefused(await look(query, { token: "let-me-in" }), 401, "UNAUTHORIZED");
    });

    it("refuses an unknown token", async () => {
      assertRefused(await look(query, { token: randomUUID() }), 401, "UNAUTHORIZED");
    });

    it("refuses a token with something behind it, and other schemes", async () => {
      assertRefused(await withHeader(`Bearer ${world.token} x`), 401, "UNAUTHORIZED");
      assertRefused(await withHeader(`Basic ${world.token}`), 401, "UNAUTHORIZED");
    });

    for (const name of ["token", "access_token", "authorization"]) {
      it(`reads no token from the query parameter ${name}`, async () => {
        const answer = await look(`${query}&${name}=${world.token}`, { token: null });
        assertRefused(answer, 401, "UNAUTHORIZED");
      });
    }

    it("says 401 to a stranger whose request is wrong too", async () => {
      assertRefused(await look("jid=x", { token: null }), 401, "UNAUTHORIZED");
    });

    it("takes the scheme in any case, a bare token, and a token in capitals", async () => {
      for (const header of [
        `bEARER ${world.token}`,
        `bearer   ${world.token}`,
        world.token,
        `Bearer ${world.token.toUpperCase()}`,
      ]) {
        dataOf(await withHeader(header));
      }
    });
  });

  describe("404", () => {
    it("says NOT_ON_WHATSAPP when the number has no account", async () => {
      assertRefused(await look(`number=${unregistered}`), 404, "NOT_ON_WHATSAPP");
      assertRefused(await look(`jid=${unregistered}@s.whatsapp.net`), 404, "NOT_ON_WHATSAPP");
    });

    it("says PICTURE_NOT_SET when the person has none", async () => {
      world.simulator.account(ana).setPicture(null);
      assertRefused(await look(`number=${ana}`), 404, "PICTURE_NOT_SET");
      assertRefused(await look(`jid=${world.simulator.account(ana).lid}`), 404, "PICTURE_NOT_SET");
    });

    it("says PICTURE_NOT_SET when a group has none, or is not known", async () => {
      assertRefused(await look(`jid=${group}`), 404, "PICTURE_NOT_SET");
      assertRefused(await look("jid=120363999999999999@g.us"), 404, "PICTURE_NOT_SET");
    });

    for (const behaviour of ["status-204", "nested-error-404", "empty-result", "empty-picture"] as const) {
      it(`says PICTURE_NOT_SET when WhatsApp tells it by "${behaviour}"`, async () => {
        world.simulator.account(ana).setPictureBehaviour(behaviour);
        assertRefused(await look(`number=${ana}`), 404, "PICTURE_NOT_SET");
      });
    }

    for (const behaviour of ["hidden", "nested-error-401"] as const) {
      it(`says PICTURE_HIDDEN when the contact hides it, told by "${behaviour}"`, async () => {
        world.simulator.account(ana).setPictureBehaviour(behaviour);
        assertRefused(await look(`number=${ana}`), 404, "PICTURE_HIDDEN");
        assert.equal(world.simulator.received.get("iq usync get"), 0);
      });
    }

    it("says PICTURE_HIDDEN when a group hides it in both forms", async () => {
      world.simulator.group(group).setPictureBehaviour("hidden");
      assertRefused(await look(`jid=${group}`), 404, "PICTURE_HIDDEN");
      assert.equal(world.simulator.received.get("iq w:g2 get"), 1);
    });

    it("says DEVICE_NOT_FOUND for a device that does not exist", async () => {
      assertRefused(await look(`number=${ana}&device_id=${randomUUID()}`), 404, "DEVICE_NOT_FOUND");
    });

    it("says DEVICE_NOT_FOUND for the device of another caller", async () => {
      const stranger = { token: await world.addUser() };
      assertRefused(await look(`number=${ana}&device_id=${device}`, stranger), 404, "DEVICE_NOT_FOUND");
    });

    it("says DEVICE_NOT_FOUND to a caller without devices", async () => {
      assertRefused(await look(`number=${ana}`, { token: await world.addUser() }), 404, "DEVICE_NOT_FOUND");
    });
  });

  describe("409", () => {
    it("says DEVICE_NOT_PAIRED of a new device", async () => {
      const token = await world.addUser();
      const id = await world.createDevice("New", token);
      assertRefused(await look(`number=${ana}`, { token }), 409, "DEVICE_NOT_PAIRED");
      assertRefused(await look(`number=${ana}&device_id=${id}`, { token }), 409, "DEVICE_NOT_PAIRED");
    });

    it("chooses the only connected device, and says DEVICE_AMBIGUOUS when there are two", async () => {
      const token = await world.addUser();
      const unpaired = await world.createDevice("Unpaired", token);
      const first = await world.pairedDevice(secondOwner, token);
      dataOf(await look(`number=${ana}`, { token }));

      const second = await world.pairedDevice(secondOwner, token);
      const answer = await look(`number=${ana}`, { token });
      assertRefused(answer, 409, "DEVICE_AMBIGUOUS");
      for (const id of [unpaired, first, second]) assert.ok(textAt(answer.body, "error").includes(id));
      dataOf(await look(`number=${ana}&device_id=${first}`, { token }));

      await world.call(`/disconnect?device_id=${second}`, { method: "POST", token });
      dataOf(await look(`number=${ana}`, { token }));
      await world.call(`/disconnect?device_id=${first}`, { method: "POST", token });
      assertRefused(await look(`number=${ana}`, { token }), 409, "DEVICE_AMBIGUOUS");
    });
  });

  describe("429", () => {
    it("says WHATSAPP_RATE_LIMITED with Retry-After", async () => {
      world.simulator.account(ana).setPictureBehaviour("rate-limited");
      const answer = await look(`number=${ana}`);
      assertRefused(answer, 429, "WHATSAPP_RATE_LIMITED");
      assertRetryAfter(answer, 1, 3600);
    });

    it("says so too when it is the question about registration that is limited", async () => {
      world.simulator.faults.answerError("iq usync get", 429);
      const answer = await look(`number=${unregistered}`);
      assertRefused(answer, 429, "WHATSAPP_RATE_LIMITED");
      assertRetryAfter(answer, 1, 3600);
      assert.equal(at(answer.body, "success"), false);
    });
  });
});
