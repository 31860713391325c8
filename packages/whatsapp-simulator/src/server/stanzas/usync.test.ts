import assert from "node:assert/strict";
import {
  getBinaryNodeChild,
  getBinaryNodeChildBuffer,
  getBinaryNodeChildren,
  proto,
  USyncQuery,
  USyncUser,
} from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import { ask, pairAndLogIn } from "../../test-support/baileys-client.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";

const OWN = "5511000000000";

async function loggedIn(t: TestContext) {
  const simulator = await withSimulator(t);
  simulator.addAccount({ phone: OWN });
  const { sock, end } = await pairAndLogIn(simulator, OWN);
  t.onTestFinished(end);
  simulator.received.reset();
  return { simulator, sock };
}

describe("usync", () => {
  it("says which numbers are on WhatsApp, and under which JID with the Brazilian ninth digit", async (t) => {
    const { simulator, sock } = await loggedIn(t);
    simulator.addAccount({ phone: "5511888888888" });
    simulator.addAccount({ phone: "551133333333", alsoReachedAs: ["5511933333333"] });
    const found = await sock.onWhatsApp("5511888888888", "+5511933333333", "5511444444444");
    // rc14 leaves out numbers that are not on WhatsApp.
    assert.deepEqual(found, [
      { jid: "5511888888888@s.whatsapp.net", exists: true },
      { jid: "551133333333@s.whatsapp.net", exists: true },
    ]);
    assert.equal(simulator.received.get("iq usync get/contact"), 1);
    assert.equal(simulator.received.get("iq usync get/lid"), 0);
  });

  it("answers a number that is only another way to reach an account with nothing but contact", async (t) => {
    const { simulator, sock } = await loggedIn(t);
    simulator.addAccount({ phone: "551133333333", alsoReachedAs: ["5511933333333"] });
    const { lidMapping } = sock.signalRepository;
    assert.equal(await lidMapping.getLIDForPN("5511933333333@s.whatsapp.net"), null);
    assert.equal(simulator.received.get("iq usync get/lid"), 1);
  });

  it("maps a phone number to its LID", async (t) => {
    const { simulator, sock } = await loggedIn(t);
    simulator.addAccount({ phone: "5511888888888", lid: "900001" });
    const { lidMapping } = sock.signalRepository;
    assert.equal(await lidMapping.getLIDForPN("5511888888888@s.whatsapp.net"), "900001@lid");
  });

  it("answers about an account as a fault says: not at all, as of an unknown number, or with an error", async (t) => {
    const { simulator, sock } = await loggedIn(t);
    const { phone } = simulator.addAccount({ phone: "5511888888888" });
    simulator.addAccount({ phone: "5511777777777" });
    const query = new USyncQuery().withContactProtocol();
    for (const number of [phone, "5511777777777"]) query.withUser(new USyncUser().withPhone(`+${number}`));
    const ask = async () => {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      sock.ws.once("CB:iq,type:result,usync", resolve);
      // rc14 throws what is an error.
      await sock.executeUSyncQuery(query).catch(() => undefined);
      return JSON.stringify(await promise);
    };
    const undos = [];
    for (const [answer, users, says] of [
      ["missing", 1, /"in"/],
      ["out", 2, /"out".*"in"/],
      [429, 2, /"error","attrs":{"code":"429"}.*"in"/],
    ] as const) {
      undos.push(simulator.faults.answerUser(phone, answer));
      const answered = await ask();
      assert.equal(answered.split('"tag":"user"').length - 1, users);
      assert.match(answered, says);
    }
    for (const undo of undos) undo();
    assert.match(await ask(), /"in".*"in"/);
  });

  it("has the about text, or that it is hidden", async (t) => {
    const { simulator, sock } = await loggedIn(t);
    simulator.addAccount({ phone: "5511888888888", about: "Ocupado" });
    simulator.addAccount({ phone: "5511777777777", aboutHidden: true });
    const query = new USyncQuery().withStatusProtocol();
    for (const phone of ["5511888888888", "5511777777777", "5511444444444"])
      query.withUser(new USyncUser().withId(`${phone}@s.whatsapp.net`));
    const answer = await sock.executeUSyncQuery(query);
    const texts = answer?.list.map(({ status }) =>
      typeof status === "object" && status !== null ? Reflect.get(status, "status") : undefined,
    );
    assert.deepEqual(texts, ["Ocupado", "", undefined]);
  });

  it("lists the phone and its linked devices", async (t) => {
    const { simulator, sock } = await loggedIn(t);
    simulator.addAccount({ phone: "5511888888888" });
    const other = await pairAndLogIn(simulator, "5511888888888");
    const query = new USyncQuery().withDeviceProtocol();
    query.withUser(new USyncUser().withId("5511888888888@s.whatsapp.net"));
    const answer = await sock.executeUSyncQuery(query);
    const devices = answer?.list[0]?.devices;
    assert.ok(typeof devices === "object" && devices !== null);
    const list: unknown = Reflect.get(devices, "deviceList");
    assert.ok(Array.isArray(list));
    assert.deepEqual(
      list.map((device: unknown) => JSON.parse(JSON.stringify(device)).id),
      [0, 1],
    );
    await other.end();
  });

  it("has the picture id as long as it is not hidden, as whatsmeow asks for it", async (t) => {
    const { simulator, sock } = await loggedIn(t);
    const other = simulator.addAccount({ phone: "5511888888888", picture: { id: "17" } });
    const ask = async () => {
      const user = { tag: "user", attrs: { jid: other.jid } };
      const answer: unknown = await sock.query({
        tag: "iq",
        attrs: { to: "@s.whatsapp.net", type: "get", xmlns: "usync" },
        content: [
          {
            tag: "usync",
            attrs: { sid: "1", mode: "full", last: "true", index: "0", context: "background" },
            content: [
              { tag: "query", attrs: {}, content: [{ tag: "picture", attrs: {} }] },
              { tag: "list", attrs: {}, content: [user] },
            ],
          },
        ],
      });
      return JSON.stringify(answer);
    };
    assert.match(await ask(), /"tag":"picture","attrs":\{"id":"17"\}/);
    other.hidePicture();
    assert.doesNotMatch(await ask(), /"id":"17"/);
  });

  it("has the verified name of a business, as whatsmeow asks for it", async (t) => {
    const { simulator, sock } = await loggedIn(t);
    const shop = simulator.addAccount({ phone: "5511888888888", businessName: "Padaria" });
    const other = simulator.addAccount({ phone: "5511777777777" });
    const users = [shop, other].map(({ jid }) => ({ tag: "user", attrs: { jid } }));
    const answer = await ask(sock, { to: "@s.whatsapp.net", type: "get", xmlns: "usync" }, [
      {
        tag: "usync",
        attrs: { sid: "1", mode: "full", last: "true", index: "0", context: "background" },
        content: [
          {
            tag: "query",
            attrs: {},
            content: [{ tag: "business", attrs: {}, content: [{ tag: "verified_name", attrs: {} }] }],
          },
          { tag: "list", attrs: {}, content: users },
        ],
      },
    ]);
    assert.ok("tag" in answer);
    const list = getBinaryNodeChild(getBinaryNodeChild(answer, "usync"), "list");
    const names = getBinaryNodeChildren(list, "user").map((user) => {
      const certificate = getBinaryNodeChildBuffer(getBinaryNodeChild(user, "business"), "verified_name");
      const details = certificate && proto.VerifiedNameCertificate.decode(certificate).details;
      return details && proto.VerifiedNameCertificate.Details.decode(details).verifiedName;
    });
    assert.deepEqual(names, ["Padaria", undefined]);
  });
});
