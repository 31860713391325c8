import assert from "node:assert/strict";
import { type BinaryNode, getAllBinaryNodeChildren, proto } from "@whiskeysockets/baileys";
import { describe, it } from "vitest";
import { ask, pairAndLogIn } from "../../test-support/baileys-client.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";

const OWN = "5511000000000";
const SHOP = "5511999999999";
const ANA = "5511888888888";

function jidOf(phone: string): string {
  return `${phone}@s.whatsapp.net`;
}

describe("the verified name of a business", () => {
  it("is answered with its certificate, by number or LID, and in the form that has the JID outside", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: OWN });
    simulator.addAccount({ phone: ANA });
    const shop = simulator.addAccount({ phone: SHOP, businessName: "Padaria Central" });
    const { sock, end } = await pairAndLogIn(simulator, OWN);
    t.onTestFinished(end);
    const verified = async (jid: string, to = "@s.whatsapp.net") =>
      ask(sock, { to, type: "get", xmlns: "w:biz" }, [
        { tag: "verified_name", attrs: to === "@s.whatsapp.net" ? { jid } : {} },
      ]);
    for (const answer of [
      await verified(jidOf(SHOP)),
      await verified(shop.lid),
      await verified(jidOf(SHOP), jidOf(SHOP)),
    ])
      assert.equal(nameIn(answer), "Padaria Central");
    const none = await verified(jidOf(ANA));
    assert.ok("tag" in none);
    assert.deepEqual(getAllBinaryNodeChildren(none), []);
    assert.deepEqual(await verified(jidOf("5511777777777")), { code: 404 });
    assert.deepEqual(
      await ask(sock, { to: "@s.whatsapp.net", type: "get", xmlns: "w:biz" }, [
        { tag: "catalog", attrs: {} },
      ]),
      { code: 400 },
    );
  });
});

function nameIn(answer: BinaryNode | { readonly code: unknown }): string | null | undefined {
  assert.ok("tag" in answer, JSON.stringify(answer));
  const [verified] = getAllBinaryNodeChildren(answer);
  assert.ok(verified?.tag === "verified_name" && verified.content instanceof Uint8Array);
  const { details } = proto.VerifiedNameCertificate.decode(verified.content);
  const { serial, verifiedName } = proto.VerifiedNameCertificate.Details.decode(details ?? new Uint8Array());
  assert.equal(verified.attrs.serial, String(serial));
  return verifiedName;
}
