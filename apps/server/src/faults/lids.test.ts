import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { assertRefused, at, dataOf, listAt } from "../test-support/call.ts";
import { type FaultNotes, faultsOf } from "../test-support/faults/fault.ts";
import { until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const fault = faultsOf("WhatsApp names contacts by LID");
const owner = "5511900000000";
const ana = { phone: "5511999999999", lid: "112233445566779", name: "aninha" };
const bia = { phone: "5511888888888", lid: "112233445566778" };

const jidOf = ({ phone }: { phone: string }) => `${phone}@s.whatsapp.net`;
const lidOf = ({ lid }: { lid: string }) => `${lid}@lid`;

describe("LIDs", () => {
  let world: World;
  let device = "";
  beforeAll(async () => {
    world = await startWorld();
    for (const person of [ana, bia]) world.simulator.addAccount(person);
    const history = { by: "lid", chats: [{ with: ana.phone, messages: [{ text: "oi" }] }] } as const;
    const contacts = [{ phone: ana.phone, fullName: "Ana Souza" }];
    world.simulator.addAccount({ phone: owner, history, contacts });
    device = await world.pairedDevice(owner);
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const blockList = () => world.simulator.account(owner).blocked;
  const status = async () => dataOf(await world.call(`/status?device_id=${device}`));
  const post = async (notes: FaultNotes, path: string, body?: unknown) =>
    notes.answer(await world.call(path, { method: "POST", ...(body !== undefined && { body }) }));

  fault("in the history, with the number beside it", async (_test, notes) => {
    const found = await until("Ana", async () => {
      const seen = listAt(dataOf(await world.call(`/contacts?search=${ana.phone}`)), "items");
      const [one] = seen;
      const isWhole = at(one, "full_name") === "Ana Souza" && at(one, "push_name") === ana.name;
      return { found: isWhole ? seen : undefined, seen };
    });
    assert.partialDeepStrictEqual(found, [{ jid: jidOf(ana), lid: lidOf(ana), phone_number: ana.phone }]);
    notes.end(await status(), "one contact for each person");
  });

  fault("and answers 400 to who blocks a LID without its number", async (_test, notes) => {
    const blocked = await post(notes, `/contacts/block?jid=${lidOf(bia)}`);
    assert.partialDeepStrictEqual(dataOf(blocked), { jid: lidOf(bia), phone_number: null, blocked: true });
    assert.deepEqual(blockList(), [bia.phone]);
    dataOf(await post(notes, `/contacts/unblock?jid=${lidOf(bia)}`));
    assert.deepEqual(blockList(), []);
    notes.end(await status(), "blocked, as a contact of unknown number");
  });

  fault("and gives a number another LID, and does not say so", async (_test, notes) => {
    dataOf(await post(notes, "/contacts/check", { numbers: [bia.phone] }));
    world.simulator.account(bia.phone).changeLid("112233445566000");
    assertRefused(await post(notes, `/contacts/block?jid=${lidOf(bia)}`), 404, "NOT_ON_WHATSAPP");
    assert.deepEqual(blockList(), []);
    const inputs = [lidOf(bia), "112233445566000@lid"];
    const resolved = dataOf(await post(notes, "/contacts/resolve", { inputs }));
    assert.partialDeepStrictEqual(listAt(resolved, "items"), [
      { found: false, phone_number: null },
      { found: true, jid: jidOf(bia) },
    ]);
    notes.end(await status(), "the old LID belongs to no account");
  });
});
