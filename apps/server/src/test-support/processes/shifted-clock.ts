/**
 * Shifts the clock of a server, which is loaded after this, by the milliseconds in a message. The machine's own clock cannot be
 * set.
 */
let shiftMs = 0;

globalThis.Date = new Proxy(Date, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [target.now() + shiftMs] : given, newTarget),
  apply: (target) => new target(target.now() + shiftMs).toString(),
  get: (target, name, receiver) =>
    name === "now" ? () => target.now() + shiftMs : Reflect.get(target, name, receiver),
});

process.once("disconnect", () => process.exit());
process.on("message", (message) => {
  const reported: unknown = typeof message === "object" && message && Reflect.get(message, "shiftMs");
  if (typeof reported !== "number") return;
  shiftMs = reported;
  process.send?.("shifted");
});
