import fc from "fast-check";
import type { BinaryNode } from "../../whatsapp/protocol/baileys.ts";

/** An element, as short as it can be written. */
export function node(
  tag: string,
  attrs: Record<string, string> = {},
  content?: BinaryNode["content"],
): BinaryNode {
  return { tag, attrs, ...(content !== undefined && { content }) };
}

/** A usync answer about these users, with these elements in `<result>`. */
export function usyncReply(users: BinaryNode[], result: BinaryNode[] = []): BinaryNode {
  return node("iq", { type: "result" }, [
    node("usync", {}, [node("result", {}, result), node("list", {}, users)]),
  ]);
}

/** Nested elements that use the words of the protocol in unexpected ways. */
export function anyNode(tags: readonly string[], attrs: Record<string, fc.Arbitrary<string>>) {
  return fc.letrec<{ node: BinaryNode }>((tie) => ({
    node: fc
      .record({
        tag: fc.constantFrom(...tags),
        attrs: fc.record(attrs, { requiredKeys: [] }),
        content: fc.oneof(
          { maxDepth: 5, withCrossShrink: true },
          fc.constant(undefined),
          fc.string(),
          fc.uint8Array({ maxLength: 40 }),
          fc.array(tie("node"), { maxLength: 5 }),
        ),
      })
      .map(({ tag, attrs: some, content }) => node(tag, definedIn(some), content)),
  })).node;
}

function definedIn(some: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(some).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
