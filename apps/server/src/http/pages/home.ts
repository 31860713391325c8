import type { RequestHandler } from "express";

/**
 * Leads a browser from `/` to the console. Only what prefers HTML to JSON counts as a browser: curl, which accepts everything,
 * gets the error envelope as on any other path that does not exist.
 */
export const leadBrowserToConsole: RequestHandler = (request, response, next) => {
  if (request.accepts(["json", "html"]) !== "html") return next();
  response.vary("Accept");
  // Relative, so that it works behind a path of a proxy.
  response.redirect("console/");
};
