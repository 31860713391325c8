import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
  proto,
} from "@whiskeysockets/baileys";
import { element } from "../wire/stanza.ts";

/**
 * Corrupts the answer about one collection: from the question and the good answer, what is sent in its place.
 * How clients take each: `packages/whatsapp-simulator/README.md`.
 */
type Corruption = (question: BinaryNode, answer: BinaryNode) => BinaryNode[];

/** Every bad kind of answer about a collection of the app state. */
export const APP_STATE_FAULTS = {
  /** The collection that was asked for is not in the answer. */
  missing: () => [],
  /** What was asked for comes, and "there is more" each time, also when there is not. */
  more: (_question, answer) => [withMore(answer)],
  /** There is more each time, and nothing comes. */
  "more-of-nothing": ({ attrs }) => [withMore(collectionNode(attrs.name, attrs.version))],
  /** There is more each time: one patch without changes, of the next version. */
  growing: ({ attrs }) => {
    const version = Number(attrs.version ?? "0") + 1;
    return [withMore(collectionNode(attrs.name, String(version), [patchesOf([emptyPatch(version)])]))];
  },
  /** There is more each time, from the beginning again: a patch without changes, of the first version. */
  again: ({ attrs }) => [withMore(collectionNode(attrs.name, "1", [patchesOf([emptyPatch(1)])]))],
  /** Another collection comes in place of the one that was asked for. */
  unknown: (_question, answer) => [{ ...answer, attrs: { ...answer.attrs, name: "not_asked_for" } }],
  /** Another collection, not asked for, comes too. */
  another: (_question, answer) => [answer, { ...answer, attrs: { ...answer.attrs, name: "not_asked_for" } }],
  /** The collection comes without its name. */
  nameless: (_question, { content }) => [element("collection", {}, content)],
  /** An error in place of the collection (whatsmeow appstate.go reads `type="error"` with an `<error>` inside). */
  error: ({ attrs }) => [
    element("collection", { name: attrs.name ?? "", type: "error" }, [
      element("error", { code: "500", text: "internal-server-error" }),
    ]),
  ],
  /** Of several patches only the last one comes. */
  gap: (_question, answer) => {
    const list = getBinaryNodeChild(answer, "patches");
    const patches = list ? getAllBinaryNodeChildren(list) : [];
    return patches.length < 2 ? [answer] : [{ ...answer, content: [patchesNode(patches.slice(-1))] }];
  },
  /** A patch that is no patch. */
  garbled: ({ attrs }) => [
    collectionNode(attrs.name, attrs.version, [patchesOf([new Uint8Array([255, 255, 255])])]),
  ],
  /** A patch that was made with a key which no device has. */
  "unknown-key": ({ attrs }) => {
    const version = Number(attrs.version ?? "0") + 1;
    return [collectionNode(attrs.name, String(version), [patchesOf([foreignPatch(version)])])];
  },
} as const satisfies Record<string, Corruption>;

/** A bad kind of answer about a collection of the app state. */
export type AppStateFault = keyof typeof APP_STATE_FAULTS;

/** @returns what is sent in place of the good answer about a collection */
export function corrupted(fault: AppStateFault, question: BinaryNode, answer: BinaryNode): BinaryNode[] {
  const corrupt: Corruption = APP_STATE_FAULTS[fault];
  return corrupt(question, answer);
}

function collectionNode(name = "", version = "0", content: BinaryNode[] = []): BinaryNode {
  return element("collection", { name, version, type: "regular" }, content);
}

function withMore(answer: BinaryNode): BinaryNode {
  return { ...answer, attrs: { ...answer.attrs, has_more_patches: "true" } };
}

function patchesOf(list: readonly Uint8Array[]): BinaryNode {
  return patchesNode(list.map((bytes) => element("patch", {}, bytes)));
}

function patchesNode(list: BinaryNode[]): BinaryNode {
  return element("patches", {}, list);
}

function emptyPatch(version: number): Uint8Array {
  return proto.SyncdPatch.encode({ version: { version }, mutations: [] }).finish();
}

function foreignPatch(version: number): Uint8Array {
  const keyId = { id: Buffer.from("no key") };
  const record = { index: { blob: Buffer.alloc(32) }, value: { blob: Buffer.alloc(64) }, keyId };
  const operation = proto.SyncdMutation.SyncdOperation.SET;
  return proto.SyncdPatch.encode({
    version: { version },
    mutations: [{ operation, record }],
    keyId,
  }).finish();
}
