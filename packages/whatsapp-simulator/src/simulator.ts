import type { CdnRequests } from "./cdn/cdn-requests.ts";
import type { Clock } from "./cdn/clock.ts";
import { type MediaDispatcher, mediaDispatcher } from "./cdn/media-dispatcher.ts";
import type { Faults } from "./faults/faults.ts";
import type { AccountDescription } from "./model/accounts/account-description.ts";
import { AccountState } from "./model/accounts/account-state.ts";
import type { SimulatorEvents } from "./model/events.ts";
import { Group, type GroupDescription } from "./model/group.ts";
import { silenceLibsignalLogs } from "./model/signal/silence-libsignal-logs.ts";
import type { Account } from "./phone/account.ts";
import { Phone } from "./phone/phone.ts";
import { ChatServer } from "./server/chat-server.ts";
import { composeServer } from "./server/compose.ts";
import type { ServerContext } from "./server/server-context.ts";
import { captureState, parseState, restoreAccount, type SimulatorState } from "./snapshot.ts";
import type { Latency } from "./wire/connection-info.ts";
import { makeNoiseIdentity } from "./wire/noise/certificates.ts";
import type { StanzaCounts } from "./wire/stanza-counts.ts";

export interface SimulatorOptions {
  /** Of the WebSocket; 0, the default, takes any free one. */
  readonly port?: number;
  /** Of the HTTP server for picture bytes; 0, the default, takes any free one. */
  readonly mediaPort?: number;
  /** How long the URLs of pictures and blobs work, unless a picture has its own. Default 86,400 (24 hours). */
  readonly mediaUrlLifetimeSeconds?: number;
  /**
   * Where clients find app-state snapshots and history: in the stanza itself (`inline`, the default), or on the CDN,
   * as in life (`cdn`). Baileys reaches that only with {@link Simulator.mediaDispatcher}.
   */
  readonly blobs?: "inline" | "cdn";
  /** How many refs, thus QR codes, a client gets before it gives up. Default 6. */
  readonly qrRefs?: number;
  /**
   * How long what the server sends takes, in milliseconds, as in life: for clients that fail when an answer is there at
   * once. A function returns it for each stanza. Default 0. The fault of the same name delays answers alone.
   */
  readonly latency?: Latency;
  /** For how long a pairing code can be typed. Default 180,000 (3 minutes). */
  readonly pairingCodeLifetimeMs?: number;
  /** Sends `<edge_routing>` at login. Default false. */
  readonly edgeRouting?: boolean;
  /** From {@link Simulator.snapshot} of an earlier run, also after a round trip through JSON. */
  readonly state?: SimulatorState;
}

/** What serves the bytes of pictures and of encrypted blobs. */
export interface Cdn {
  readonly requests: CdnRequests;
  /** Forgets a picture's bytes: its addresses answer 404, until a new picture answer names it again. */
  remove(pictureId: string): void;
}

/** A WhatsApp on loopback. */
export interface Simulator {
  /** `ws://127.0.0.1:PORT/ws/chat`, for Baileys' `waWebSocketUrl`. */
  readonly url: string;
  /** `http://127.0.0.1:PORT`, where the URLs of picture answers point to. */
  readonly mediaUrl: string;
  /** For a client that verifies Noise certificates for real; rc14 does not need it. */
  readonly rootPublicKey: Uint8Array;
  readonly cdn: Cdn;
  /** For `options: { dispatcher }` of Baileys, which else downloads direct paths from mmg.whatsapp.net. */
  readonly mediaDispatcher: MediaDispatcher;
  /** By which the URLs of the CDN are made and expire. */
  readonly clock: Clock;
  readonly faults: Faults;
  readonly events: SimulatorEvents;
  readonly received: StanzaCounts;
  readonly accounts: readonly Account[];
  /**
   * Adds an account. One that {@link SimulatorOptions.state} brought gets the new description and keeps keys and devices.
   * @throws Error for a phone that is not 5 to 15 digits, or one that has been added already.
   */
  addAccount(description: AccountDescription): Account;
  /** @throws Error when there is no such account. */
  account(phone: string): Account;
  /** @throws Error when the JID is no group's, or has been added already. */
  addGroup(description: GroupDescription): Group;
  /** @throws Error when there is no such group. */
  group(jid: string): Group;
  /**
   * Everything a restarted simulator needs so that the devices linked by now log in again: accounts, their keys
   * and sessions, linked devices, their pre-keys and what waits for them. Groups and faults are not in it.
   */
  snapshot(): SimulatorState;
  /** Ends every connection, server, timer and wait. Resolves when nothing is left; more than once does no harm. */
  stop(): Promise<void>;
}

/**
 * Starts a loopback WhatsApp on 127.0.0.1. Several run side by side in one process.
 * Fails with Node's error when a port is taken, and with an Error when the state is not one of a snapshot.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  silenceLibsignalLogs();
  const identity = makeNoiseIdentity();
  const context: ServerContext = composeServer(
    {
      qrRefs: options.qrRefs ?? 6,
      pairingCodeLifetimeMs: options.pairingCodeLifetimeMs ?? 180_000,
      mediaUrlLifetimeSeconds: options.mediaUrlLifetimeSeconds ?? 86_400,
      blobsOnCdn: options.blobs === "cdn",
    },
    {
      close: (...which) => chat.close(...which),
      sendFrame: (...which) => chat.sendFrame(...which),
      sendStanza: (...which) => chat.sendStanza(...which),
    },
  );
  const chat = new ChatServer(context, identity, {
    edgeRouting: options.edgeRouting ?? false,
    latency: options.latency ?? 0,
  });
  const phones = new Map<string, Phone>();
  const addPhone = (account: AccountState) => {
    context.directory.addAccount(account);
    const phone = new Phone(account, context);
    phones.set(account.phone, phone);
    return phone;
  };
  const restored = new Set<string>();
  for (const saved of options.state ? parseState(options.state).accounts : []) {
    addPhone(restoreAccount(saved, context));
    restored.add(saved.phone);
  }

  await context.media.start(options.mediaPort ?? 0);
  const url = await chat.start(options.port ?? 0).catch(async (error: unknown) => {
    await context.media.stop();
    throw error;
  });
  const phoneOf = (phone: string): Phone => {
    const found = phones.get(phone);
    if (!found) throw new Error(`there is no account ${phone}`);
    return found;
  };
  let stopping: Promise<void> | undefined;

  return {
    url,
    mediaUrl: context.media.origin,
    rootPublicKey: identity.rootPublicKey,
    cdn: context.media,
    mediaDispatcher: mediaDispatcher(context.media.origin),
    clock: context.clock,
    faults: context.faults,
    events: context.events,
    received: chat.received,
    get accounts() {
      return [...phones.values()];
    },
    addAccount(description) {
      if (!/^\d{5,15}$/.test(description.phone))
        throw new Error(`a phone has 5 to 15 digits: ${description.phone}`);
      if (restored.delete(description.phone)) {
        context.directory.account(description.phone).describe(description);
        return phoneOf(description.phone);
      }
      return addPhone(new AccountState(description, context));
    },
    account: phoneOf,
    addGroup(description) {
      if (!/^[\d-]+@g\.us$/.test(description.jid)) throw new Error(`not a group's JID: ${description.jid}`);
      const group = new Group(description, context);
      context.directory.addGroup(group);
      return group;
    },
    group: (jid) => context.directory.requireGroup(jid),
    snapshot: () => captureState(context.directory.accounts),
    stop() {
      stopping ??= stopAll(context, chat);
      return stopping;
    },
  };
}

async function stopAll(context: ServerContext, chat: ChatServer): Promise<void> {
  context.lifetime.end();
  context.faults.reset();
  await Promise.all([chat.stop(), context.media.stop()]);
  for (const account of context.directory.accounts) account.signal.close();
}
