import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChildBuffer,
  proto,
} from "@whiskeysockets/baileys";
import { encryptFile } from "../../cdn/encrypted-file.ts";
import { corrupted } from "../../faults/app-state-faults.ts";
import { type Collection, PatchRejected } from "../../model/app-state/collection.ts";
import { result } from "../../wire/iq-reply.ts";
import { element } from "../../wire/stanza.ts";
import type { ServerContext } from "../server-context.ts";
import type { IqHandler, SessionRequest } from "./iq-handler.ts";

const PATCHES_IN_ANSWER = 50;

/**
 * `w:sync:app:state`: what changed in each collection since the version that the client has, and patches of the
 * client's own. As rc14 Socket/chats.ts resyncAppState and appPatch ask and read it, and whatsmeow appstate.go.
 */
export const appState: IqHandler = (request, context) => {
  const asked = request.child ? getAllBinaryNodeChildren(request.child) : [];
  return result(
    element(
      "sync",
      {},
      asked.flatMap((question) => {
        const answered = answerCollection(question, request, context);
        const fault = context.faults.appStateFault(request.account.phone, question.attrs.name ?? "");
        return fault === undefined ? [answered] : corrupted(fault, question, answered);
      }),
    ),
  );
};

function answerCollection(question: BinaryNode, request: SessionRequest, context: ServerContext): BinaryNode {
  const { name = "", return_snapshot: wanted } = question.attrs;
  const collection = request.account.settings.state.find(name);
  const version = Number(question.attrs.version ?? "0");
  if (!collection || !Number.isSafeInteger(version) || version < 0)
    return refusal(name, "400", "bad-request");
  const patch = getBinaryNodeChildBuffer(question, "patch");
  if (patch) return take(collection, patch, version, request, context);
  if (collection.version === 0) return answer(collection);
  const history = version === 0 && !context.blobsOnCdn ? collection.history() : undefined;
  if (history) return answer(collection, {}, [patches(history)]);
  const changed = wanted === "true" || version === 0 ? undefined : collection.since(version);
  return changed ? withPatches(collection, version) : withSnapshot(collection, context);
}

/**
 * A patch of a client that is behind is answered with 409 and with what it misses (whatsmeow appstate.go
 * sendAppState applies that and tries again; rc14 does not look). One that is not authentic gets 400. Whether the
 * LT-hash is right the servers cannot know; the phone does, and reports it as an `error`.
 */
function take(
  collection: Collection,
  bytes: Uint8Array,
  version: number,
  { account, device }: SessionRequest,
  context: ServerContext,
): BinaryNode {
  if (version !== collection.version) {
    const missed = withPatches(collection, version);
    const error = element("error", { code: "409", text: "conflict" });
    return answer(collection, { ...missed.attrs, type: "error" }, [
      error,
      ...getAllBinaryNodeChildren(missed),
    ]);
  }
  try {
    const { mutations, agrees } = collection.accept(bytes);
    account.adopt(mutations);
    account.settings.announce(collection, device);
    if (!agrees)
      context.events.report(
        new Error(`${device.jid} pushed a patch to ${collection.name} whose LT-hash is not the collection's`),
      );
  } catch (error) {
    if (!(error instanceof PatchRejected)) throw error;
    return refusal(collection.name, "400", "bad-request");
  }
  return answer(collection);
}

function withPatches(collection: Collection, version: number): BinaryNode {
  const changed = collection.since(version) ?? [];
  if (changed.length === 0) return answer(collection);
  const some = changed.slice(0, PATCHES_IN_ANSWER).map(({ bytes }) => bytes);
  return answer(collection, some.length < changed.length ? { has_more_patches: "true" } : {}, [
    patches(some),
  ]);
}

function answer(
  { name, version }: Collection,
  attrs: Record<string, string> = {},
  content: BinaryNode[] = [],
): BinaryNode {
  return element("collection", { name, version: String(version), type: "regular", ...attrs }, content);
}

function refusal(name: string, code: string, text: string): BinaryNode {
  return element("collection", { name, type: "error" }, [element("error", { code, text })]);
}

function patches(list: readonly Uint8Array[]): BinaryNode {
  return element(
    "patches",
    {},
    list.map((bytes) => element("patch", {}, bytes)),
  );
}

/**
 * A snapshot, and the patches that came behind it (whatsmeow appstate.go and rc14 resyncAppState apply them in that
 * order). It is a reference to an encrypted file on the CDN; rc14 Utils/chat-utils.ts extractSyncdPatches reads no other
 * form.
 */
function withSnapshot(collection: Collection, { media }: ServerContext): BinaryNode {
  const { bytes: plain, patches: behind } = collection.snapshot();
  const { bytes, ...described } = encryptFile(plain, "WhatsApp App State Keys");
  const reference = { ...described, directPath: media.keep(bytes), fileSizeBytes: bytes.length };
  const snapshot = element("snapshot", {}, proto.ExternalBlobReference.encode(reference).finish());
  return answer(collection, {}, behind.length > 0 ? [snapshot, patches(behind)] : [snapshot]);
}
