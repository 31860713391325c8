import type { AccountDescription, Simulator } from "@wuts/whatsapp-simulator";

/** A thousand numbers, to try what is done with many: 5511930000000 and those after it. */
export const bulkNumbers: readonly string[] = Array.from(
  { length: 1_000 },
  (_, index) => `${5_511_930_000_000 + index}`,
);

/** Moves the crowd in. Of ten, seven show a picture, one has none, one hides it, and one is not on WhatsApp. */
export function addBulkAccounts(simulator: Simulator): void {
  for (const [index, phone] of bulkNumbers.entries()) {
    const look = profileAt(index);
    if (look) simulator.addAccount({ phone, ...look });
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
