import assert from "node:assert/strict";
import { scryptSync } from "node:crypto";
import { describe, it } from "vitest";
import { Failure } from "../kernel/failures.ts";
import { Passwords } from "./passwords.ts";

/** The hash of a password with this salt and these parameters, computed from the text alone. */
function recomputed(stored: string, password: string): string {
  const [, , parameters = "", salt = "", key = ""] = stored.split("$");
  const { ln, r, p } = Object.fromEntries(parameters.split(",").map((each) => each.split("=")));
  const options = { N: 2 ** Number(ln), r: Number(r), p: Number(p), maxmem: 2 ** 27 };
  const bytes = scryptSync(password, Buffer.from(salt, "base64"), Buffer.from(key, "base64").length, options);
  return bytes.toString("base64").replaceAll("=", "");
}

describe("Passwords", () => {
  it("hashes with a salt of its own each time, and says with what", async () => {
    const passwords = new Passwords();
    const [one, two] = await Promise.all([
      passwords.hash("pass word", "a tenant"),
      passwords.hash("pass word", "a tenant"),
    ]);
    assert.notEqual(one, two);
    for (const stored of [one, two]) {
      assert.equal(stored.split("$").at(-1), recomputed(stored, "pass word"));
      assert.notEqual(stored.split("$").at(-1), recomputed(stored, "pass words"));
    }
  });

  it("takes for the same what looks the same, however it was typed", async () => {
    const stored = await new Passwords().hash("e\u0301te\u0301 12345678", "a tenant");
    assert.equal(stored.split("$").at(-1), recomputed(stored, "\u00e9t\u00e9 12345678"));
  });

  it("refuses to let more than a few of one tenant wait, and lets others in between", async () => {
    const passwords = new Passwords({ maxWaiting: 2 });
    const asked = Array.from({ length: 6 }, () => passwords.hash("pass word", "a tenant"));
    const order: string[] = [];
    const others = ["second", "third"].map((owner) =>
      passwords.hash("pass word", owner).then(() => order.push(owner)),
    );
    asked[2]?.then(() => order.push("the last of the first")).catch(() => undefined);
    const results = await Promise.allSettled(asked);
    await Promise.all(others);
    assert.deepEqual(order, ["second", "third", "the last of the first"]);
    const refused = results.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 3);
    for (const result of refused) {
      assert.ok(result.status === "rejected" && result.reason instanceof Failure);
      assert.equal(result.reason.name, "RateLimited");
      assert.equal(result.reason.retryAfter, 1);
    }
  });
});
