import assert from "node:assert/strict";
import { afterAll, beforeAll, describe } from "vitest";
import { dataOf, listAt } from "../test-support/call.ts";
import { type FaultNotes, faultsOf } from "../test-support/faults/fault.ts";
import { startWorld, type World } from "../test-support/world.ts";

const fault = faultsOf("Callers write numbers oddly");
const owner = "5511900000000";
/** One of London, and one of Andorra, which has six digits behind the country code. */
const london = "447911123456";
const andorra = "376312345";

describe("Odd numbers", () => {
  let world: World;
  let device = "";
  beforeAll(async () => {
    world = await startWorld();
    for (const phone of [london, andorra, owner]) world.simulator.addAccount({ phone });
    device = await world.pairedDevice(owner);
  });
  afterAll(() => world.stop());

  const check = async (notes: FaultNotes, ...numbers: readonly string[]) => {
    const answer = notes.answer(await world.call("/contacts/check", { method: "POST", body: { numbers } }));
    notes.end(
      dataOf(await world.call(`/status?device_id=${device}`)),
      "each number with an outcome of its own",
    );
    return listAt(dataOf(answer), "items");
  };

  fault("with a zero that is dialled at home only", async (_test, notes) => {
    assert.partialDeepStrictEqual(await check(notes, "+44 (0) 7911 123456", "+974 055 12 3456"), [
      { on_whatsapp: true, phone_number: london },
      { on_whatsapp: null, error_code: "VALIDATION_ERROR" },
    ]);
  });

  fault("with invisible marks, and spaces and dashes of every kind", async (_test, notes) => {
    assert.partialDeepStrictEqual(
      await check(notes, "\u200e+44\u00a07911\u2011123\u200b456", "+376 312\u2013345"),
      [
        { on_whatsapp: true, phone_number: london },
        { on_whatsapp: true, phone_number: andorra },
      ],
    );
  });

  fault("and one that is none among them", async (_test, notes) => {
    assert.partialDeepStrictEqual(await check(notes, "x", london), [
      { on_whatsapp: null, error_code: "VALIDATION_ERROR" },
      { on_whatsapp: true, phone_number: london },
    ]);
  });
});
