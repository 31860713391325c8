import type { AccountDescription, Simulator } from "@wuts/whatsapp-simulator";

/** A thousand consecutive numbers from 5511930000000, to try bulk operations. */
export const bulkNumbers: readonly string[] = Array.from(
  { length: 1_000 },
  (_, index) => `${5_511_930_000_000 + index}`,
);

/** Adds the accounts of these numbers. Of ten, seven have a picture, one has none, one hides it, and one is not registered. */
export function addBulkAccounts(simulator: Simulator): void {
  for (const [index, phone] of bulkNumbers.entries()) {
    const profile = profileAt(index);
    if (profile) simulator.addAccount({ phone, ...profile });
  }
}

function profileAt(index: number): Omit<AccountDescription, "phone"> | undefined {
  const picture = { id: `${1_800_000_000 + index}` };
  switch (index % 10) {
    case 7:
      return {};
    case 8:
      return { picture, pictureBehaviour: "hidden" };
    case 9:
      return undefined;
    default:
      return { picture };
  }
}
