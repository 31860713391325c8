import { askWithoutAnswer, untilItStops } from "../../support/arrangements.ts";
import { type Case, produces } from "../case.ts";

export const systemCases: readonly Case[] = [
  produces("getLiveness", 200, "alive", { shows: { data: { status: "alive" } } }),

  produces("getReadiness", 200, "ready", { shows: { data: { status: "ready" } } }),

  produces("getReadiness", 503, "SERVER_NOT_READY", {
    about: "while it waits for a request to finish before it stops",
    world: "closing",
    async arrange(world, undo) {
      const patience = new AbortController();
      const { settled } = await askWithoutAnswer(world, patience.signal);
      const stopped = world.stop();
      undo(async () => {
        patience.abort();
        await settled;
        await stopped;
      });
      await untilItStops(world);
    },
  }),

  produces("getContractYaml", 200, "contract"),

  produces("getContractJson", 200, "contract", { shows: { info: { title: "WUTS" } } }),

  produces("getMetrics", 200, "metrics"),
];
