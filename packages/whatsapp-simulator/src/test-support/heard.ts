import type { BaileysEventMap, WASocket } from "@whiskeysockets/baileys";

/** What a socket emits of one event, from now on. */
export interface Heard<T> {
  readonly all: readonly T[];
  /** The first one, past or to come, that has what is looked for. */
  until<R>(look: (event: T) => R | undefined): Promise<R>;
}

export function hear<E extends keyof BaileysEventMap>(sock: WASocket, event: E): Heard<BaileysEventMap[E]> {
  const all: BaileysEventMap[E][] = [];
  const listeners = new Set<() => void>();
  sock.ev.on(event, (heard) => {
    all.push(heard);
    for (const listener of [...listeners]) listener();
  });
  return {
    all,
    until: (look) =>
      new Promise((resolve) => {
        const listener = () => {
          for (const heard of all) {
            const found = look(heard);
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
