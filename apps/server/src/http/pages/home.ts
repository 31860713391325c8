import type { RequestHandler } from "express";

/**
 * Leads a browser from `/` to a page. Only what prefers HTML to JSON counts as a browser: curl, which accepts everything, gets
 * the error envelope as on any other path that does not exist.
 * @param page relative, so that it works behind a path of a proxy
 */
export function leadBrowserTo(page: string): RequestHandler {
  return (request, response, next) => {
    if (request.accepts(["json", "html"]) !== "html") return next();
    response.vary("Accept");
    response.redirect(page);
  };
}
