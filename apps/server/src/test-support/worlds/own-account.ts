import assert from "node:assert/strict";
import { beforeAll, describe, it } from "vitest";
import { assertRefused } from "../call.ts";
import type { World } from "../world.ts";

/**
 * Tests of an operation that acts on a contact, and refuses to act on the account itself.
 * @param path of the operation, which takes `jid` and `number`
 * @param counts how often WhatsApp was asked who a contact is, and how often to change something
 */
export function describeOwnAccount(
  world: () => World,
  path: string,
  counts: () => readonly (number | undefined)[],
): void {
  describe("409, of the account itself", () => {
    // The form that it is registered under, by which it may be named too, is not the one it was made with.
    const registered = "551144443333";
    const otherForm = "5511944443333";
    let token: string;
    beforeAll(async () => {
      world().simulator.addAccount({ phone: registered, alsoReachedAs: [otherForm] });
      token = await world().addUser();
      await world().pairedDevice(registered, token);
    });
    const own = () => world().simulator.account(registered);

    for (const [spelling, query, asked] of [
      ["its number", () => `number=${registered}`, 0],
      ["its number as people write it", () => `number=${encodeURIComponent("+55 (11) 4444-3333")}`, 0],
      ["another form of its number", () => `number=${otherForm}`, 1],
      ["its JID", () => `jid=${registered}@s.whatsapp.net`, 0],
      ["the JID of another device", () => `jid=${registered}:7@s.whatsapp.net`, 0],
      ["its LID", () => `jid=${own().lid}`, 0],
      ["its LID with a device", () => `jid=${own().lid.replace("@", ":7@")}`, 0],
    ] as const) {
      it(`says OWN_ACCOUNT of ${spelling}, and sends no change`, async () => {
        const answer = await world().call(`${path}?${query()}`, { method: "POST", token });
        assertRefused(answer, 409, "OWN_ACCOUNT");
        assert.deepEqual(own().blocked, []);
        assert.deepEqual(counts(), [asked, 0]);
      });
    }
  });
}
