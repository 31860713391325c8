/** What `fetch` takes as `dispatcher`, and Baileys in `options`. */
export type MediaDispatcher = NonNullable<RequestInit["dispatcher"]>;

/** Where Node's fetch keeps its default dispatcher. */
const NODE_DISPATCHER = Symbol.for("undici.globalDispatcher.1");

/**
 * Sends every request to one origin, whatever host it names. Baileys downloads direct paths from
 * `https://mmg.whatsapp.net` (rc14 Utils/messages-media.ts getUrlFromDirectPath), and no other way leads it elsewhere.
 */
export function mediaDispatcher(origin: string): MediaDispatcher {
  // Node makes its dispatcher when fetch is first used.
  new Request(origin);
  const real: MediaDispatcher = Reflect.get(globalThis, NODE_DISPATCHER);
  const dispatch: MediaDispatcher["dispatch"] = (options, handler) =>
    real.dispatch({ ...options, origin }, handler);
  return new Proxy(real, {
    get: (target, name) => (name === "dispatch" ? dispatch : Reflect.get(target, name)),
  });
}
