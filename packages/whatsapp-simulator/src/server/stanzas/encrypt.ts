import { type BinaryNode, getAllBinaryNodeChildren, getBinaryNodeChildren } from "@whiskeysockets/baileys";
import type { DeviceRecord } from "../../model/accounts/linked-device.ts";
import { digestElement } from "../../model/signal/key-bundle-digest.ts";
import { bundleElement, readPreKey, readSignedPreKey } from "../../model/signal/pre-key-bundle.ts";
import { takeBundle } from "../../model/signal/pre-key-exchange.ts";
import { sendInitialSync } from "../../phone/initial-sync.ts";
import { badRequest, itemNotFound, notImplemented, type Reply, result } from "../../wire/iq-reply.ts";
import { element, requireAttribute, requireChild, requireNumber } from "../../wire/stanza.ts";
import type { ServerContext } from "../server-context.ts";
import type { IqHandler, SessionRequest } from "./iq-handler.ts";

/**
 * The pre-keys of a device, and those of other accounts. rc14 asks for the count at each login, uploads what is missing
 * (Socket/socket.ts uploadPreKeys: registration, type, identity, list, skey) and then asks for the digest. Proven on
 * loopback.
 */
export const encrypt: IqHandler = (request, context) =>
  request.stanza.attrs.type === "set" ? store(request, context) : answer(request, context);

function store(
  { stanza, child, device, account, connection }: SessionRequest,
  context: ServerContext,
): Reply {
  if (child?.tag === "rotate") {
    device.signedPreKey = readSignedPreKey(requireChild(child, "skey"));
    return result();
  }
  device.registrationId = requireNumber(stanza, "registration");
  device.signedPreKey = readSignedPreKey(requireChild(stanza, "skey"));
  const uploaded = getAllBinaryNodeChildren(requireChild(stanza, "list")).map(readPreKey);
  const ids = new Set(uploaded.map(({ id }) => id));
  device.preKeys = [...device.preKeys.filter(({ id }) => !ids.has(id)), ...uploaded];
  return {
    type: "result",
    content: undefined,
    after: () => connection.enqueue(() => sendInitialSync({ account, device }, context)),
  };
}

function answer({ child, device }: SessionRequest, context: ServerContext): Reply {
  switch (child?.tag) {
    case "count":
      return result(element("count", { value: String(device.preKeyCount) }));
    case "digest":
      return digest(device);
    case "key": {
      const users = getBinaryNodeChildren(child, "user");
      if (users.length === 0) return badRequest;
      return result(
        element(
          "list",
          {},
          users.map((user) => bundleOf(user, context)),
        ),
      );
    }
    default:
      return notImplemented;
  }
}

/** A device that has uploaded no keys gets 404, upon which WhatsApp Web uploads them (whatsapp-rust src/prekeys.rs). */
function digest({ registrationId, identityKey, signedPreKey, preKeys }: DeviceRecord): Reply {
  if (!signedPreKey) return itemNotFound;
  return result(digestElement({ registrationId, identityKey, signedPreKey }, preKeys));
}

/** One `<user>` of the answer; one that has no keys carries an error, which rc14 throws (assertNodeErrorFree). */
function bundleOf(user: BinaryNode, context: ServerContext): BinaryNode {
  const jid = requireAttribute(user, "jid");
  const bundle = takeBundle(context.directory, jid);
  return bundle
    ? bundleElement(jid, bundle)
    : element("user", { jid }, [element("error", { code: "404", text: "item-not-found" })]);
}
