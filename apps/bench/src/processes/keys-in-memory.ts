import type { SignalDataTypeMap, SignalKeyStore } from "@whiskeysockets/baileys";

/** Signal keys in a Map, the fastest store there is. */
export function keysInMemory(): SignalKeyStore {
  const stored = new Map<string, unknown>();
  return {
    get: (type, ids) => {
      const found: { [id: string]: SignalDataTypeMap[typeof type] } = {};
      for (const id of ids) {
        const value = stored.get(`${type} ${id}`);
        // What is under a type's name is what `set` was given for that type.
        if (value !== undefined) found[id] = value as SignalDataTypeMap[typeof type];
      }
      return found;
    },
    set: (entries) => {
      for (const [type, values] of Object.entries(entries)) {
        for (const [id, value] of Object.entries(values ?? {})) {
          if (value === null) stored.delete(`${type} ${id}`);
          else stored.set(`${type} ${id}`, value);
        }
      }
    },
  };
}
