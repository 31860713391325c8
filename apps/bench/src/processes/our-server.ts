import { composeServer } from "@wuts/server/compose";
import { readConfig } from "@wuts/server/config";
import "./memory.ts";
import { answer, beforeTheEnd, tell } from "./parent.ts";
import "./usage.ts";

const [, , WUTS_WHATSAPP_URL, WUTS_DATA_DIR, WUTS_BOOTSTRAP_TOKEN, ...settings] = process.argv;

// Every setting that is not named has its default, so that this is the server as people run it. The limits are counted, but
// out of reach: all of the load comes with one token, to one device.
const limits = Object.fromEntries(
  ["TOKEN", "USER", "TENANT", "DEVICE"].map((of) => [`WUTS_RATE_LIMIT_${of}`, "1000000"]),
);
const others = Object.fromEntries(settings.map((setting) => setting.split("=", 2)));
const server = await composeServer(
  readConfig({
    WUTS_PORT: "0",
    WUTS_WHATSAPP_URL,
    WUTS_DATA_DIR,
    WUTS_BOOTSTRAP_TOKEN,
    ...limits,
    WUTS_PICTURE_QUERIES_PER_MINUTE: "0",
    ...others,
  }),
  // Sooner than people's, so that less of it falls into what is measured.
  { preparation: { delayMs: 1_000 } },
);
beforeTheEnd(() => server.stop());
answer("prepared", async () => {
  await server.prepared;
  return "prepared";
});
tell("url", await server.listen());
