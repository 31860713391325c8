import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

/**
 * Loaded before everything else by `npm run test:baileys`: what the server imports as Baileys is another version of it, the one in
 * the folder that `WUTS_TEST_BAILEYS` names. The simulated WhatsApp stays what it is.
 */
const folder = process.env.WUTS_TEST_BAILEYS;
if (folder === undefined) throw new Error("WUTS_TEST_BAILEYS names no folder");
const parent = pathToFileURL(`${folder}/package.json`).href;

registerHooks({
  resolve(specifier, context, next) {
    const isBaileys = specifier === "@whiskeysockets/baileys";
    const isOfServer = context.parentURL?.includes("/apps/server/") === true;
    return next(specifier, isBaileys && isOfServer ? { ...context, parentURL: parent } : context);
  },
});
