import { askWithoutAnswer, contractCases, untilItStops } from "@wuts/contract-cases";

export const cases = contractCases("getReadiness", ({ produces }) => [
  produces(200, "ready", { shows: { data: { status: "ready" } } }),

  produces(503, "SERVER_NOT_READY", {
    about: "while it waits for a request to finish before it stops",
    world: "closing",
    async arrange(world, undo) {
      const controller = new AbortController();
      const { settled } = await askWithoutAnswer(world, controller.signal);
      const stopped = world.stop();
      undo(async () => {
        controller.abort();
        await settled;
        await stopped;
      });
      await untilItStops(world);
    },
  }),
]);
