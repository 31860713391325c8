import { contractCases } from "@wuts/contract-cases";

export const cases = contractCases("disconnectSession", ({ produces }) => [
  produces(200, "disconnected", {
    shows: { data: { state: "disconnected" } },
    async arrange({ wuts }, undo) {
      undo(() => wuts.session.connect());
    },
  }),
]);
