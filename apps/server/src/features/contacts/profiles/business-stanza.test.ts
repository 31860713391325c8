import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { node } from "../../../test-support/faults/stanzas.ts";
import type { BinaryNode } from "../../../whatsapp/protocol/baileys.ts";
import { businessProfileQuery, readBusinessProfile } from "./business-stanza.ts";

const jid = "5511999999999@s.whatsapp.net";

const answer = (...children: BinaryNode[]) =>
  node("iq", {}, [node("business_profile", {}, [node("profile", { jid }, children)])]);

describe("businessProfileQuery", () => {
  it("asks for one business", () => {
    assert.deepEqual(
      businessProfileQuery(jid),
      node("iq", { to: "@s.whatsapp.net", type: "get", xmlns: "w:biz" }, [
        node("business_profile", { v: "244" }, [node("profile", { jid })]),
      ]),
    );
  });
});

describe("readBusinessProfile", () => {
  it("reads what is there, and takes what is not for null", () => {
    const reply = answer(
      node("description", {}, Buffer.from("Pão desde 1954")),
      node("address", {}, Buffer.from(" ")),
      node("email", {}, "a@example.com"),
      node("website", {}, Buffer.from("https://example.com")),
      node("website", {}, Buffer.from("")),
      node("website", {}, Buffer.from("https://example.org")),
      node("categories", {}, [node("category", { id: "1" }, Buffer.from("Bakery")), node("x", {}, "y")]),
    );
    assert.deepEqual(readBusinessProfile(reply, jid), {
      description: "Pão desde 1954",
      address: null,
      email: "a@example.com",
      categories: ["Bakery"],
      websites: ["https://example.com", "https://example.org"],
    });
  });

  it("has bounds", () => {
    const websites = Array.from({ length: 50 }, () => node("website", {}, "x".repeat(10_000)));
    const read = readBusinessProfile(answer(node("description", {}, "x".repeat(100_000)), ...websites), jid);
    assert.deepEqual(
      [read?.description?.length, read?.websites.length, read?.websites[0]?.length],
      [4_096, 10, 2_048],
    );
  });

  it("says when there is no profile, and when the answer is not understood", () => {
    assert.equal(readBusinessProfile(node("iq", {}, [node("business_profile")]), jid), null);
    assert.equal(readBusinessProfile(node("iq"), jid), undefined);
    assert.equal(readBusinessProfile(answer(), "5511888888888@s.whatsapp.net"), undefined);
  });
});
