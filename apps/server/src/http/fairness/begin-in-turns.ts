import { AsyncResource } from "node:async_hooks";
import type { RequestHandler } from "express";
import { Rounds } from "../../kernel/concurrency/round-robin.ts";
import { ownerOf } from "./under-way.ts";

/**
 * Begins few requests in one turn of the event loop, each owner's next in turn: however many come at once, whoever else asks
 * waits for a few of them only. Where no more come than may be begun, none waits. No more wait than there are connections.
 */
export function beginInTurns(most = mostInATurn): RequestHandler {
  const waiting = new Rounds<() => void>();
  let begun = 0;
  let isScheduled = false;

  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      begun = 0;
      for (let begin = waiting.take(); begin; begin = begun < most ? waiting.take() : undefined) {
        begun += 1;
        begin();
      }
      if (begun > 0) schedule();
    });
  };

  return (request, _response, next) => {
    schedule();
    if (begun < most && waiting.isEmpty) {
      begun += 1;
      return next();
    }
    // What goes with this request goes on with it, and not what goes with the one that comes before.
    waiting.add(
      ownerOf(request),
      AsyncResource.bind(() => next()),
    );
  };
}

/** A few milliseconds' work. */
const mostInATurn = 8;
