import type { BaileysEventMap, WASocket } from "@whiskeysockets/baileys";

/** The events of one name that a socket emits, from now on. */
export interface CollectedEvents<T> {
  readonly all: readonly T[];
  /** The first one, past or to come, that has what is looked for. */
  until<R>(look: (event: T) => R | undefined): Promise<R>;
}

export function collectEvents<E extends keyof BaileysEventMap>(
  sock: WASocket,
  name: E,
): CollectedEvents<BaileysEventMap[E]> {
  const all: BaileysEventMap[E][] = [];
  const listeners = new Set<() => void>();
  sock.ev.on(name, (event) => {
    all.push(event);
    for (const listener of [...listeners]) listener();
  });
  return {
    all,
    until: (look) =>
      new Promise((resolve) => {
        const listener = () => {
          for (const event of all) {
            const found = look(event);
            if (found === undefined) continue;
            listeners.delete(listener);
            resolve(found);
            return;
          }
        };
        listeners.add(listener);
        listener();
      }),
  };
}
