import type { TestEvent } from "node:test/reporters";

/** A test reporter that says nothing but the closing line: `12 passed, 0 failed, 0 skipped`. */
export default async function* closingLine(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    // Each file has a summary of its own; the one of the whole run names no file.
    if (type !== "test:summary" || data.file !== undefined) continue;
    const { tests, passed, skipped, todo } = data.counts;
    yield `\n${passed} passed, ${tests - passed - skipped - todo} failed, ${skipped + todo} skipped\n`;
  }
}
