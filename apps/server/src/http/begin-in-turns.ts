import { AsyncResource } from "node:async_hooks";
import type { RequestHandler } from "express";
import { ownerOf } from "./under-way.ts";

/**
 * Begins few requests in one turn of the event loop, each owner's next in turn: however many come at once, whoever else asks
 * waits for a few of them only. Where no more come than may be begun, none waits. No more wait than there are connections.
 */
export function beginInTurns(most = mostInATurn): RequestHandler {
  /** By owner, whose turn is next is the first. */
  const waiting = new Map<string, (() => void)[]>();
  let begun = 0;
  let isScheduled = false;

  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      begun = 0;
      while (begun < most && waiting.size > 0) beginNext();
      if (begun > 0) schedule();
    });
  };

  const beginNext = () => {
    for (const [owner, own] of waiting) {
      waiting.delete(owner);
      const begin = own.shift();
      if (own.length > 0) waiting.set(owner, own);
      begun += 1;
      begin?.();
      return;
    }
  };

  return (request, _response, next) => {
    schedule();
    if (begun < most && waiting.size === 0) {
      begun += 1;
      return next();
    }
    const owner = ownerOf(request);
    const own = waiting.get(owner) ?? [];
    // What goes with this request goes on with it, and not what goes with the one that comes before.
    own.push(AsyncResource.bind(() => next()));
    waiting.set(owner, own);
  };
}

/** A few milliseconds' work. */
const mostInATurn = 8;
