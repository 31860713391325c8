import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { networkOf } from "./request-origin.ts";

describe("networkOf", () => {
  for (const [address, network] of [
    ["192.0.2.77", "192.0.2.0/24"],
    ["::ffff:192.0.2.77", "192.0.2.0/24"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
    ["2001:DB8:1:ffff::9", "2001:db8:1::/48"],
    ["fe80::1234%eth0", "fe80::/48"],
    ["::1", "::/48"],
    ["", undefined],
    ["unknown", undefined],
    ["192.0.2.77, 192.0.2.78", undefined],
    ["5511999999999", undefined],
  ] as const) {
    it(`shortens "${address}" to ${network}`, () => assert.equal(networkOf(address), network));
  }
});
