import type { RequestHandler } from "express";

/** Composes several handlers into one. Express matches and rebuilds the path before each handler of its own stack. */
export function composeMiddleware(...handlers: readonly RequestHandler[]): RequestHandler {
  return (request, response, done) => {
    const from = (index: number, error?: unknown): void => {
      const handler = handlers[index];
      if (error !== undefined || !handler) {
        done(error);
        return;
      }
      try {
        const handling: unknown = handler(request, response, (next?: unknown) => from(index + 1, next));
        if (handling instanceof Promise) handling.catch(done);
      } catch (thrown) {
        done(thrown);
      }
    };
    from(0);
  };
}
