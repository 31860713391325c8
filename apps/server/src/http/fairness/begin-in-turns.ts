import { AsyncResource } from "node:async_hooks";
import type { RequestHandler } from "express";
import { Rounds } from "../../kernel/concurrency/round-robin.ts";
import { ownerOf } from "./under-way.ts";

/**
 * Starts a limited number of requests in one turn of the event loop, round-robin by owner: however many requests of one owner
 * arrive at once, another owner's request waits for a few of them only. Requests below the limit do not wait. At most as many
 * wait as there are connections.
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
    // Keeps this request's own asynchronous context, not that of the request before it.
    waiting.add(
      ownerOf(request),
      AsyncResource.bind(() => next()),
    );
  };
}

/** A few milliseconds' work. */
const mostInATurn = 8;
