// The order is the point: nothing of Baileys may run before its console is quiet. Import Baileys from here only.
import "./quiet-libsignal.ts";

export * from "@whiskeysockets/baileys";
