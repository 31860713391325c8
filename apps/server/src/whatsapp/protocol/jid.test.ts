import assert from "node:assert/strict";
import { contract } from "@wuts/contract";
import fc from "fast-check";
import { describe, it } from "vitest";
import { textAt } from "../../test-support/call.ts";
import { isGroup, isLid, isPhoneNumberJid, jidOfPhoneNumber, parseJid, userOf } from "./jid.ts";

/** Whether the contract lets a text through, as its validator sees it. */
function contractTakes(schema: "ContactOrGroupJid") {
  const pattern = new RegExp(textAt(contract, "components", "schemas", schema, "pattern"), "u");
  return (text: string) => [...text].length <= 64 && pattern.test(text);
}

const digits = (min: number, max: number) => fc.stringMatching(new RegExp(`^[0-9]{${min},${max}}$`));
/** Texts that are close to being right, on either side. */
const nearlyJid = fc
  .tuple(
    fc.oneof(digits(0, 27), fc.string({ maxLength: 8 })),
    fc.constantFrom("", ":3", ":12345", "-1500000000", "-1", ":", "-"),
    fc.constantFrom(
      "@s.whatsapp.net",
      "@lid",
      "@g.us",
      "@newsletter",
      "@broadcast",
      "@c.us",
      "@",
      "",
      "@lid\n",
    ),
  )
  .map((parts) => parts.join(""));
describe("parseJid", () => {
  const takes = contractTakes("ContactOrGroupJid");

  it("takes what the contract takes, and nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(nearlyJid, fc.string()), (text) => {
        assert.equal(parseJid(text) !== undefined, takes(text), JSON.stringify(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it("drops a device part, and leaves everything else as it is", () => {
    fc.assert(
      fc.property(
        digits(5, 20),
        fc.option(digits(1, 4), { nil: undefined }),
        fc.constantFrom("s.whatsapp.net", "lid"),
        (user, device, server) => {
          const jid = parseJid(`${user}${device === undefined ? "" : `:${device}`}@${server}`);
          assert.equal(jid, `${user}@${server}`);
          assert.equal(userOf(jid), user);
        },
      ),
    );
  });

  it("answers a text that is read as itself", () => {
    fc.assert(
      fc.property(nearlyJid, (text) => {
        const jid = parseJid(text);
        assert.equal(jid && parseJid(jid), jid);
      }),
    );
  });

  it("tells users, LIDs and groups apart", () => {
    for (const [text, kinds] of [
      ["5511999999999@s.whatsapp.net", [true, false, false]],
      ["112233445566778@lid", [false, true, false]],
      ["120363039000000000@g.us", [false, false, true]],
      ["551199999999-1500000000@g.us", [false, false, true]],
    ] as const) {
      const jid = parseJid(text);
      assert.ok(jid);
      assert.deepEqual([isPhoneNumberJid(jid), isLid(jid), isGroup(jid)], kinds);
    }
  });
});

it("jidOfPhoneNumber makes the JID that the digits stand for", () => {
  assert.equal(jidOfPhoneNumber("5511999999999"), "5511999999999@s.whatsapp.net");
});
