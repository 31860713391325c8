/** The server that this page came from, also where a proxy puts a path in front of it. */
export const baseUrl = new URL("..", `${location.origin}${location.pathname}`).href.replace(/\/$/, "");
