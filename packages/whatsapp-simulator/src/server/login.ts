import { type proto, toNumber } from "@whiskeysockets/baileys";
import { CLOSE_KINDS } from "../faults/close-kinds.ts";
import { sendInitialSync } from "../phone/initial-sync.ts";
import type { ClientFinish } from "../wire/noise/noise-server.ts";
import { ProtocolError } from "../wire/protocol-error.ts";
import { element, SERVER_JID, unixSeconds } from "../wire/stanza.ts";
import type { Client } from "./client.ts";
import type { Registration } from "./pairing/registration.ts";
import type { ServerContext } from "./server-context.ts";

export interface LoginOptions {
  /** Sends `<edge_routing>`, which clients repeat in the intro of their next connection. */
  readonly edgeRouting: boolean;
}

const LOGGED_OUT = 401;
const ROUTING_INFO = Buffer.from([8, 8, 8, 5]);

/**
 * What the client wants, by the payload at the end of the handshake: to be paired (`devicePairingData`) or to
 * log in (`username` and `device`); rc14 Utils/validate-connection.ts, proven on loopback.
 */
export function greet(
  connection: Client,
  { staticKey, payload }: ClientFinish,
  context: ServerContext,
  options: LoginOptions,
): void {
  if (payload.devicePairingData) register(connection, staticKey, payload.devicePairingData, context);
  else logIn(connection, staticKey, payload, context, options);
}

function register(
  connection: Client,
  noiseKey: Buffer,
  { eIdent, eRegid }: proto.ClientPayload.IDevicePairingRegistrationData,
  context: ServerContext,
): void {
  const reason = context.faults.pairingRefusal();
  if (reason !== undefined) {
    connection.endWith(refusal(reason));
    return;
  }
  const registration = readRegistration(noiseKey, eIdent, eRegid);
  context.codePairings.open(connection, registration);
  if (!context.faults.withholdsQrCodes) context.qrPairings.open(connection, registration);
}

function readRegistration(
  noiseKey: Buffer,
  identityKey: Uint8Array | null | undefined,
  registrationId: Uint8Array | null | undefined,
): Registration {
  if (identityKey?.length !== 32 || registrationId?.length !== 4)
    throw new ProtocolError("a registration without identity key or registration id");
  return {
    noiseKey,
    identityKey: Buffer.from(identityKey),
    registrationId: Buffer.from(registrationId).readUInt32BE(),
  };
}

/**
 * `<success>`, then what waited for the device, then `<ib><offline/></ib>`, without which rc14 never flushes
 * its events (proven). The LID in `<success>` carries the device. An unknown device gets failure 401, and an
 * older connection of the same device is closed as replaced.
 */
function logIn(
  connection: Client,
  noiseKey: Buffer,
  payload: proto.ClientPayload,
  context: ServerContext,
  options: LoginOptions,
): void {
  const phone = String(payload.username ?? "");
  const account = context.directory.findAccount(phone);
  const device = account?.linked.get(toNumber(payload.device));
  const isKnown = device?.noiseKey.equals(noiseKey) === true;
  const refused = context.faults.loginRefusal(phone);
  if (!account || !device || !isKnown || refused) {
    const { reason, attributes } = refused ?? { reason: LOGGED_OUT, attributes: {} };
    connection.endWith(refusal(reason, attributes));
    context.events.emit("loginRefused", { phone, reason });
    return;
  }

  if (device.connection) {
    CLOSE_KINDS.replaced(device.connection);
    account.presence.set(device, false);
  }
  device.connection = connection;
  connection.session = { account, device };
  connection.send(element("success", { t: unixSeconds(), props: "2", location: "sim", lid: device.lid }));
  if (options.edgeRouting)
    connection.send(info(element("edge_routing", {}, [element("routing_info", {}, ROUTING_INFO)])));
  context.faults.whenOfflineIsSent(() => {
    if (device.connection !== connection) return;
    const count = device.deliverOffline(connection);
    connection.send(info(element("offline", { count: String(count) })));
  });
  connection.enqueue(() => sendInitialSync({ account, device }, context));
  context.events.emit("login", { phone, device });
}

function info(child: ReturnType<typeof element>) {
  return element("ib", { from: SERVER_JID }, [child]);
}

function refusal(reason: number, attributes: Readonly<Record<string, string>> = {}) {
  return element("failure", { reason: String(reason), location: "sim", ...attributes });
}
