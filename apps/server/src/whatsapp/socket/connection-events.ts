import type {
  AuthenticationState,
  BaileysEventMap,
  BinaryNode,
  SignalDataSet,
  WASocket,
} from "../protocol/baileys.ts";
import { type Jid, parseJid } from "../protocol/jid.ts";

/**
 * The events of a connection to WhatsApp that a feature can subscribe to, from before its first frame until it has ended.
 */
export interface WhatsAppEvents {
  /** The linked account's JIDs, as far as they are known by now. */
  ownJids(): readonly Jid[];
  /** Listens to an event of Baileys. */
  on<Name extends keyof BaileysEventMap>(event: Name, listener: (value: BaileysEventMap[Name]) => void): void;
  /**
   * Listens to stanzas as they come.
   * @param pattern in Baileys' words, such as `notification,type:picture`
   * @param listener may return a promise: until it resolves nothing is sent, so that WhatsApp gets no acknowledgement of the
   * stanza, and sends it again at the next login. When the promise rejects, the connection ends
   */
  onStanza(pattern: string, listener: (stanza: BinaryNode) => Promise<unknown> | undefined): void;
  /** Listens to the Signal keys that are stored. */
  onKeysStored(listener: (data: SignalDataSet) => void): void;
  /** Listens to changes of the app state, as rc14 notes them at the level `trace` before it handles them. */
  onAppStateMutation(listener: (noted: unknown) => void): void;
}

/** The events of one connection. Their sources have to be given to Baileys before there is a socket. */
export class ConnectionEvents {
  readonly #keysListeners: ((data: SignalDataSet) => void)[] = [];
  readonly #mutationListeners: ((noted: unknown) => void)[] = [];
  #held: Promise<unknown> | undefined;
  #ended = false;

  /** Until it resolves, nothing may be sent. */
  get held(): Promise<unknown> | undefined {
    return this.#held;
  }

  /** @returns the state as Baileys is to use it */
  hearingKeys({ creds, keys }: AuthenticationState): AuthenticationState {
    const set: AuthenticationState["keys"]["set"] = async (data) => {
      await keys.set(data);
      if (!this.#ended) for (const listener of this.#keysListeners) listener(data);
    };
    return { creds, keys: { ...keys, set } };
  }

  /** Takes a log entry of Baileys at the level `trace`. */
  noted(data: unknown, message?: string): void {
    if (message !== mutationNote || this.#ended) return;
    for (const listener of this.#mutationListeners) listener(data);
  }

  /** @returns the events of the socket for its subscribers */
  of({ ev, ws, authState }: Pick<WASocket, "ev" | "ws" | "authState">): WhatsAppEvents {
    return {
      ownJids: () => {
        const { id, lid } = authState.creds.me ?? {};
        return [id, lid].flatMap((address) => parseJid(address ?? "") ?? []);
      },
      on: (event, listener) =>
        ev.on(event, (value) => {
          if (!this.#ended) listener(value);
        }),
      onStanza: (pattern, listener) =>
        ws.on(`CB:${pattern}`, (stanza: BinaryNode) => {
          const work = this.#ended ? undefined : listener(stanza);
          if (work) this.#hold(work);
        }),
      onKeysStored: (listener) => {
        this.#keysListeners.push(listener);
      },
      onAppStateMutation: (listener) => {
        this.#mutationListeners.push(listener);
      },
    };
  }

  /** Stops all events. */
  end(): void {
    this.#ended = true;
  }

  #hold(work: Promise<unknown>): void {
    const held = Promise.all([this.#held, work]);
    this.#held = held;
    held.then(
      () => {
        if (this.#held === held) this.#held = undefined;
      },
      // The next frame gets the error.
      () => undefined,
    );
  }
}

/** Baileys' message for a change of the app state. */
const mutationNote = "processing sync action";
