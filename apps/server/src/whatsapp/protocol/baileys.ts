// The order is the point: nothing of Baileys may run before its console is quiet. Import Baileys from here only.
import "../baileys-patches/silence-libsignal-logs.ts";

export * from "@whiskeysockets/baileys";
