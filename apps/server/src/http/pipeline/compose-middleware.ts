import type { RequestHandler } from "express";

/** Makes one handler of several. Express looks at the path, and puts it together anew, before each that it has of its own. */
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
