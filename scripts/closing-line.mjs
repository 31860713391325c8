/** A test reporter that says nothing but the closing line: `12 passed, 0 failed, 0 skipped`. */
export default async function* closingLine(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    // The summary of the whole run is the one without a file.
    if (type !== "test:summary" || data.file !== undefined) continue;
    counts.passed = data.counts.passed;
    counts.failed = data.counts.failed + data.counts.cancelled;
    counts.skipped = data.counts.skipped + data.counts.todo;
  }
  yield `\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
}
